// Who may import whom: design.md's table as data, and the function that holds edges against it. Pure: it reads no file.

/** One import: `from` a file of the project, `to` another one, a package (`npm:zod`) or a built-in (`node:sqlite`). */
export interface Edge {
  readonly from: string;
  readonly to: string;
  /** `type`: erased before anything runs. */
  readonly kind: "value" | "type";
}

/** A folder or a single file of the project. */
interface Room {
  /** What the room's files begin with; the longest match wins. Rooms are named by it. */
  readonly path: string;
  /** The files that others may import; `any` where each file is a door of its own. */
  readonly doors: readonly string[] | "any";
  /** Rooms, or single doors of rooms, that it may use. */
  readonly uses: readonly string[];
  /** The same, but for types only. */
  readonly usesTypesOf?: readonly string[];
  /** Packages and built-ins; `node:` is every built-in. */
  readonly packages: readonly string[];
}

const forBrowsers = ["lib/socket/", "lib/protocol/browser.ts", "lib/fresh/runtime.ts"];
const forPages = ["npm:preact", "npm:@preact/signals"];

const rooms: readonly Room[] = [
  {
    path: "islands/",
    doors: "any",
    uses: ["components/", ...forBrowsers],
    usesTypesOf: ["lib/protocol/"],
    // by a dynamic import, when a plot is opened
    packages: [...forPages, "npm:uplot"],
  },
  {
    path: "components/",
    doors: "any",
    uses: forBrowsers,
    usesTypesOf: ["lib/protocol/"],
    // types of it
    packages: [...forPages, "npm:uplot"],
  },
  {
    path: "routes/",
    doors: "any",
    uses: [
      "islands/",
      "components/",
      "utils.ts",
      "lib/relay/",
      "lib/protocol/",
      "lib/process/",
      "lib/fresh/",
    ],
    packages: forPages,
  },
  {
    path: "main.ts",
    doors: "any",
    uses: [
      "routes/",
      "utils.ts",
      "fresh.gen.ts",
      "lib/relay/",
      "lib/protocol/",
      "lib/process/",
      "lib/fresh/",
    ],
    packages: forPages,
  },
  { path: "utils.ts", doors: "any", uses: ["lib/fresh/"], usesTypesOf: ["lib/relay/"], packages: [] },
  { path: "fresh.gen.ts", doors: "any", uses: ["routes/", "islands/", "lib/fresh/"], packages: [] },
  { path: "dev.ts", doors: [], uses: ["main.ts", "lib/fresh/"], packages: [] },
  {
    path: "start.ts",
    doors: [],
    uses: [
      "lib/process/",
      "lib/relay/configuration.ts",
      "agent/configuration.ts",
      "agent/simulator/configuration.ts",
      "agent/simulator/address.ts",
    ],
    packages: [],
  },
  {
    path: "agent/",
    doors: ["agent/configuration.ts"],
    uses: ["lib/serial/", "lib/scpi/", "lib/protocol/", "lib/socket/", "lib/process/"],
    packages: ["npm:zod", "node:"],
  },
  {
    path: "agent/simulator/",
    doors: ["agent/simulator/configuration.ts", "agent/simulator/address.ts"],
    uses: ["lib/serial/", "lib/scpi/", "lib/process/"],
    packages: ["npm:zod"],
  },
  {
    path: "lib/fresh/",
    doors: ["lib/fresh/mod.ts", "lib/fresh/runtime.ts", "lib/fresh/dev/mod.ts"],
    // under the name "fresh/manifest": Fresh 2's fsRoutes() takes no argument, so the engine has to find the routes itself
    uses: ["fresh.gen.ts"],
    packages: [
      "npm:hono",
      "npm:preact",
      "npm:preact-render-to-string",
      "npm:esbuild",
      "npm:terser",
      "npm:acorn",
      "npm:devalue",
      "npm:@preact/signals",
      "npm:@preact/signals-core",
      "node:",
      // made by its builder for each bundle
      "fresh:hashes",
    ],
  },
  {
    path: "lib/relay/",
    // the variables alone, without what they configure
    doors: ["lib/relay/mod.ts", "lib/relay/configuration.ts"],
    uses: ["lib/protocol/", "lib/process/"],
    packages: ["npm:hono", "npm:@hono/node-server", "npm:zod", "node:"],
  },
  { path: "lib/process/", doors: ["lib/process/mod.ts"], uses: [], packages: ["npm:zod"] },
  {
    path: "lib/protocol/",
    doors: ["lib/protocol/mod.ts", "lib/protocol/browser.ts"],
    uses: [],
    packages: ["npm:zod"],
  },
  { path: "lib/serial/", doors: ["lib/serial/mod.ts"], uses: [], packages: [] },
  { path: "lib/scpi/", doors: ["lib/scpi/mod.ts"], uses: [], packages: [] },
  {
    path: "lib/socket/",
    doors: ["lib/socket/mod.ts"],
    uses: ["lib/protocol/browser.ts"],
    usesTypesOf: ["lib/protocol/"],
    packages: ["npm:@preact/signals-core"],
  },
];

/** What may be shipped to a browser, whoever imports it. */
const shippable = [
  "npm:preact",
  "npm:@preact/signals",
  "npm:@preact/signals-core",
  "npm:devalue",
  "npm:uplot",
];

/** One sentence for each import, or chain of imports, that the table does not allow. */
export function violations(edges: readonly Edge[]): readonly string[] {
  return [...edges.flatMap((edge) => whyForbidden(edge) ?? []), ...shippedByMistake(edges)];
}

function whyForbidden({ from, to, kind }: Edge): string | null {
  const room = roomOf(from);
  if (room === undefined) return `${from} is in no room that tests/rules/rules.ts knows`;
  if (isPackage(to)) {
    const builtIn = to.startsWith("node:") && room.packages.includes("node:");
    return builtIn || room.packages.includes(to) ? null : `${from} imports ${to}`;
  }
  const target = roomOf(to);
  if (target === undefined) {
    return `${from} imports ${to}, which is in no room that tests/rules/rules.ts knows`;
  }
  if (target === room) return null;
  const named = (names: readonly string[]) => names.includes(target.path) || names.includes(to);
  const typesOnly = named(room.usesTypesOf ?? []);
  if (!named(room.uses) && !(typesOnly && kind === "type")) {
    return `${from} imports ${typesOnly ? "a value" : "something"} from ${to}`;
  }
  if (target.doors === "any" || target.doors.includes(to)) return null;
  return `${from} imports ${to} past ${target.doors.join(", ") || "a room without a door"}`;
}

function shippedByMistake(edges: readonly Edge[]): readonly string[] {
  const shipped = new Set(
    edges.map(({ from }) => from).filter((file) =>
      file.startsWith("islands/") || file === "lib/protocol/browser.ts"
    ),
  );
  const found = [];
  // A set that grows while it is walked is walked to its end.
  for (const file of shipped) {
    for (const { from, to, kind } of edges) {
      if (from !== file || kind === "type") continue;
      if (!isPackage(to)) shipped.add(to);
      else if (!shippable.includes(to)) {
        found.push(`${from} is shipped to browsers and would bring ${to} along`);
      }
    }
  }
  return found;
}

function isPackage(specifier: string): boolean {
  return /^[a-z]+:/.test(specifier);
}

function roomOf(file: string): Room | undefined {
  return rooms.filter(({ path }) => path.endsWith("/") ? file.startsWith(path) : file === path)
    .sort((a, b) => b.path.length - a.path.length)[0];
}

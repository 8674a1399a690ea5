/**
 * The islands as JavaScript for browsers, by esbuild: one file for each island, what several need in shared ones, and the
 * boot script. Those in `islands/(group)/` are bundled apart, with a boot script of their own: what they share with others is not
 * taken out of the others' files, so that a page which must be small stays as small as if they were not there. Refuses islands that import what only a server has.
 */
import { build, type BuildResult, type Message, type Metafile, type Plugin } from "esbuild";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Chunk, IslandChunk } from "../assets.ts";
import type { Source } from "./crawl.ts";

/** What to bundle. */
export interface BundleOptions {
  readonly root: string;
  readonly islands: readonly Source[];
  readonly mode: "development" | "production";
  readonly target: readonly string[];
  /** For `asset()` in islands. */
  readonly hashes: Readonly<Record<string, string>>;
}

/** JavaScript files by name, and which of them are what. */
export interface Bundle {
  readonly islands: Readonly<Record<string, IslandChunk>>;
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** Source maps by name; not for the public. */
  readonly maps: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** The source files that it was made of, those of packages left out. */
  readonly inputs: readonly string[];
}

const BOOT = fileURLToPath(new URL("../client/boot.ts", import.meta.url));
const JSX = fileURLToPath(new URL("../client/jsx.ts", import.meta.url));
const EXTRAS = fileURLToPath(new URL("../client/extras.ts", import.meta.url));
const RUNTIME = fileURLToPath(new URL("../client/runtime.ts", import.meta.url));

/** Addresses of bundled files start with this. */
export const PREFIX = "/_fresh/";

/**
 * Bundles the islands.
 *
 * @throws {Error} with esbuild's messages, or with the chain of imports that leads from an island to server code.
 */
export async function bundle(options: BundleOptions): Promise<Bundle> {
  const groups = Map.groupBy(options.islands, ({ path }) => /^islands\/\(([^)]+)\)\//.exec(path)?.[1] ?? "");
  const bundles = await Promise.all(
    [...groups].map(([group, islands]) => bundleGroup(group, { ...options, islands })),
  );
  return {
    islands: Object.assign({}, ...bundles.map(({ islands }) => islands)),
    files: new Map(bundles.flatMap(({ files }) => [...files])),
    maps: new Map(bundles.flatMap(({ maps }) => [...maps])),
    inputs: [...new Set(bundles.flatMap(({ inputs }) => inputs))],
  };
}

async function bundleGroup(group: string, options: BundleOptions): Promise<Bundle> {
  const { root, islands, mode } = options;
  const production = mode === "production";
  const result = await build({
    absWorkingDir: root,
    // Names of islands cannot meet the engine's: in entry points, islands have a folder.
    entryPoints: {
      boot: BOOT,
      extras: EXTRAS,
      ...Object.fromEntries(islands.map(({ name, path }) => [`islands/${name}`, `./${path}`])),
    },
    entryNames: production ? "[name]-[hash]" : `${group && `${group}-`}[name]`,
    chunkNames: production ? "shared-[hash]" : "shared-[name]-[hash]",
    outdir: "/",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: [...options.target],
    jsx: "transform",
    jsxFactory: "__h",
    jsxFragment: "__Fragment",
    inject: [JSX],
    minify: production,
    sourcemap: production ? "external" : "inline",
    legalComments: "none",
    define: { "process.env.NODE_ENV": JSON.stringify(mode) },
    write: false,
    metafile: true,
    logLevel: "silent",
    plugins: [browserOnly(options)],
  }).catch(rethrowReadable);
  return collect(result, islands, root);
}

/** Specifiers that only a server has. A browser's "fresh/runtime" is another module with the same exports. */
function browserOnly({ hashes }: BundleOptions): Plugin {
  return {
    name: "browser-only",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^fresh\/runtime$/ }, () => ({ path: RUNTIME }));
      onResolve({ filter: /^fresh:hashes$/ }, () => ({ path: "hashes", namespace: "fresh" }));
      onLoad(
        { filter: /.*/, namespace: "fresh" },
        () => ({ contents: JSON.stringify(hashes), loader: "json" }),
      );
      onResolve(
        { filter: /^(node:|jsr:|npm:|https?:|fresh($|\/)|hono($|\/)|preact-render-to-string)/ },
        ({ path }) => ({
          errors: [{
            text: `"${path}" is for servers only, and islands with all that they import run in browsers`,
          }],
        }),
      );
    },
  };
}

function collect(
  { outputFiles = [], metafile }: BuildResult,
  islands: readonly Source[],
  root: string,
): Bundle {
  const outputs: Metafile["outputs"] = metafile?.outputs ?? {};
  const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);
  const urlOf = (path: string) => PREFIX + nameOf(path);
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const maps = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const { path, contents } of outputFiles) {
    (path.endsWith(".map") ? maps : files).set(nameOf(path), new Uint8Array(contents));
  }
  /** Everything that a file imports before it runs, itself left out. */
  const importsOf = (path: string, seen = new Set<string>()): Set<string> => {
    for (const imported of outputs[path]?.imports ?? []) {
      if (imported.kind !== "import-statement" || seen.has(imported.path)) continue;
      seen.add(imported.path);
      importsOf(imported.path, seen);
    }
    return seen;
  };
  const chunkFor = (source: string): Chunk => {
    const found = Object.entries(outputs).find(([, { entryPoint }]) =>
      entryPoint !== undefined && resolve(root, entryPoint) === source
    );
    if (found === undefined) {
      throw new Error(`Cannot find the bundle of ${source} among those that esbuild made.`);
    }
    return { url: urlOf(found[0]), imports: [...importsOf(found[0])].map(urlOf) };
  };
  const scripts = { boot: chunkFor(BOOT), extras: chunkFor(EXTRAS) };
  return {
    islands: Object.fromEntries(
      islands.map(({ name, path }) => [name, { ...chunkFor(resolve(root, path)), ...scripts }]),
    ),
    files,
    maps,
    inputs: Object.keys(metafile?.inputs ?? {}).filter((path) =>
      !path.includes("node_modules/") && !path.includes(":")
    )
      .map((path) => resolve(root, path)),
  };
}

/** esbuild's failure as an error that reads well. */
export function rethrowReadable(error: unknown): never {
  throw isBuildFailure(error) ? new BuildError(error.errors.map(readable).join("\n\n")) : error;
}

/** Source code that cannot be bundled: the message has the place and the line. */
export class BuildError extends Error {
  override readonly name = "BuildError";
}

function isBuildFailure(error: unknown): error is { errors: readonly Message[] } {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}

/** One message with its place and the line itself. */
function readable({ text, location }: Message): string {
  if (location === null) return text;
  const { file, line, column, lineText } = location;
  return `${file}:${line}:${column + 1}: ${text}\n    ${lineText}\n    ${" ".repeat(column)}^`;
}

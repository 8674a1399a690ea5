/**
 * The islands as JavaScript for browsers, by esbuild. A page has one file with all of its code, because one file compresses best;
 * where that is not enough (properties that are more than JSON, islands in layouts) there is one file for each island, with what
 * several need in shared ones. Refuses islands that import what only a server has.
 */
import { build, type BuildOptions, type BuildResult, type Message, type Plugin } from "esbuild";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Chunk, Scripts } from "../assets.ts";
import type { Source } from "./crawl.ts";
import type { Bundler } from "./incremental.ts";
import type { Kept } from "./kept.ts";
import { minified } from "./minify.ts";

/** What to bundle. */
export interface BundleOptions {
  readonly root: string;
  readonly islands: readonly Source[];
  /** Which islands stand together on a page. */
  readonly pages: readonly (readonly Source[])[];
  readonly mode: "development" | "production";
  readonly target: readonly string[];
  /** For `asset()` in islands. */
  readonly hashes: Readonly<Record<string, string>>;
  /** For what takes long; without it nothing is kept. */
  readonly kept?: Kept;
  /** esbuild's `build` by default. */
  readonly bundler?: Bundler;
}

/** JavaScript files by name, and which of them are what. */
export interface Bundle {
  readonly scripts: Scripts;
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** Source maps by name; not for the public. */
  readonly maps: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** The source files that it was made of, those of packages left out. */
  readonly inputs: readonly string[];
}

const clientFile = (name: string) => fileURLToPath(new URL(`../client/${name}`, import.meta.url));
const BOOT = clientFile("boot.ts");
const SPLIT = clientFile("split.ts");
const JSX = clientFile("jsx.ts");
const EXTRAS = clientFile("extras.ts");
const RUNTIME = clientFile("runtime.ts");

/** Addresses of bundled files start with this. */
export const PREFIX = "/_fresh/";

/**
 * Bundles the islands.
 *
 * @throws {Error} with esbuild's messages, or with the chain of imports that leads from an island to server code.
 */
export async function bundle(options: BundleOptions): Promise<Bundle> {
  const { root, islands, mode, kept } = options;
  const split = await run(options, {
    entryPoints: {
      boot: SPLIT,
      extras: EXTRAS,
      // Names of islands cannot meet the engine's: in entry points, islands have a folder.
      ...Object.fromEntries(islands.map(({ name, path }) => [`islands/${name}`, `./${path}`])),
    },
  });
  const [boot, extras] = [chunkFor(split, root, SPLIT), chunkFor(split, root, EXTRAS)];
  const chunks = new Map(islands.map(({ name, path }) => [name, chunkFor(split, root, resolve(root, path))]));
  const pages = await Promise.all(options.pages.map(async (together) => {
    const built = await run(options, pageOf(together, root, (name) => chunks.get(name)?.exports ?? []));
    return { built, islands: together.map(({ name }) => name), ...sent(chunkFor(built, root, PAGE)) };
  }));
  const files = [split, ...pages.map(({ built }) => built)].flatMap(({ outputFiles }) => outputFiles);
  const awaited = new Set(pages.flatMap(({ url, imports }) => [url, ...imports]).map(nameOf));
  return {
    scripts: {
      boot: sent(boot),
      extras: sent(extras),
      islands: Object.fromEntries([...chunks].map(([name, chunk]) => [name, sent(chunk)])),
      pages: pages.map(({ islands, url, imports }) => ({ islands, url, imports })),
    },
    ...await (mode === "production" ? minified(files, awaited, kept) : plainly(files)),
    inputs: Object.keys(split.metafile.inputs)
      .filter((path) => !path.includes("node_modules/") && !path.includes(":"))
      .map((path) => resolve(root, path)),
  };
}

type Built = BuildResult<{ metafile: true; write: false }>;

async function run(options: BundleOptions, entry: BuildOptions): Promise<Built> {
  const { root, mode, target, hashes, bundler = build } = options;
  const production = mode === "production";
  return await bundler({
    ...entry,
    absWorkingDir: root,
    entryNames: production ? "[name]-[hash]" : "[name]",
    chunkNames: production ? "shared-[hash]" : "shared-[name]-[hash]",
    outdir: "/",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: [...target],
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
    plugins: [browserOnly(hashes), ...entry.plugins ?? []],
  }).catch(rethrowReadable);
}

/** The module that is made for a page. */
const PAGE = "page:fresh";

/** An entry point with the islands of a page, and what makes them alive. */
function pageOf(
  islands: readonly Source[],
  root: string,
  exportsOf: (name: string) => readonly string[],
): BuildOptions {
  const exported = islands.flatMap(({ name, path }) =>
    exportsOf(name).map((of) => ({ path, of, island: of === "default" ? name : `${name}.${of}` }))
  );
  const contents = [
    `import { boot } from ${JSON.stringify(BOOT)};`,
    ...exported.map(({ path, of }, index) =>
      `import { ${of} as c${index} } from ${JSON.stringify(`./${path}`)};`
    ),
    `boot({ ${exported.map(({ island }, index) => `${JSON.stringify(island)}: c${index}`).join(", ")} });`,
  ].join("\n");
  const plugin: Plugin = {
    name: "page",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^page:fresh$/ }, () => ({ path: "fresh", namespace: "page" }));
      onLoad({ filter: /.*/, namespace: "page" }, () => ({ contents, resolveDir: root }));
    },
  };
  return { entryPoints: { page: PAGE }, plugins: [plugin] };
}

/** Specifiers that only a server has. A browser's "fresh/runtime" is another module with the same exports. */
function browserOnly(hashes: BundleOptions["hashes"]): Plugin {
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

/** The last part of a path. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

interface BuiltChunk extends Chunk {
  readonly exports: readonly string[];
}

/** The file that the entry point `source` has become. */
function chunkFor({ metafile: { outputs } }: Built, root: string, source: string): BuiltChunk {
  /** Everything that a file imports before it runs, itself left out. */
  const importsOf = (path: string, seen = new Set<string>()): Set<string> => {
    for (const imported of outputs[path]?.imports ?? []) {
      if (imported.kind !== "import-statement" || seen.has(imported.path)) continue;
      seen.add(imported.path);
      importsOf(imported.path, seen);
    }
    return seen;
  };
  const found = Object.entries(outputs).find(([, { entryPoint }]) =>
    entryPoint !== undefined && [entryPoint, resolve(root, entryPoint)].includes(source)
  );
  if (found === undefined) {
    throw new Error(`Cannot find the bundle of ${source} among those that esbuild made.`);
  }
  const [path, { exports }] = found;
  const urlOf = (path: string) => PREFIX + nameOf(path);
  return { url: urlOf(path), imports: [...importsOf(path)].map(urlOf), exports };
}

/** What a server needs to know of a chunk. */
function sent({ url, imports }: Chunk): Chunk {
  return { url, imports };
}

/** Files as esbuild wrote them, with their maps inside. */
function plainly(files: Built["outputFiles"]): Pick<Bundle, "files" | "maps"> {
  return {
    files: new Map(files.map(({ path, contents }) => [nameOf(path), new Uint8Array(contents)])),
    maps: new Map(),
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

/**
 * What a build gives to a running application: the islands' JavaScript and the static files, with their compressed forms.
 * Reads `_fresh/`, which dev/build.ts writes, into memory once; a later build does not disturb a running server.
 */

import { withHash, withHashes } from "./hashes.ts";

/** One JavaScript file, and what it imports, so that the browser can fetch all of them at once. */
export interface Chunk {
  readonly url: string;
  readonly imports: readonly string[];
}

/** All JavaScript of a page in one file. */
export interface PageChunk extends Chunk {
  /** The names of the island files that are in it. */
  readonly islands: readonly string[];
}

/** The JavaScript of a build. */
export interface Scripts {
  /** Makes the islands of a page alive whose code comes in several files. */
  readonly boot: Chunk;
  /** What boot loads for pages whose islands' properties are more than JSON. */
  readonly extras: Chunk;
  /** The code of each island file by its name. */
  readonly islands: Readonly<Record<string, Chunk>>;
  readonly pages: readonly PageChunk[];
}

/** The ways in which an asset may be sent, best first. */
export const ENCODINGS = ["br", "gzip"] as const;
/** A content encoding that a build prepares. */
export type Encoding = typeof ENCODINGS[number];

/** One file that may be asked for. */
export interface Asset {
  readonly type: string;
  /** A hash of its content. */
  readonly hash: string;
  /** Its address changes with its content, so it can be kept for ever. */
  readonly immutable: boolean;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly encoded: Readonly<Partial<Record<Encoding, Uint8Array<ArrayBuffer>>>>;
}

/** Everything that an application serves besides its pages. */
export interface Build {
  readonly mode: "development" | "production";
  /** The JavaScript of an island file. */
  chunkOf(file: string): Chunk;
  /** The smallest page that has all of these island files; null: they come one by one. */
  pageOf(files: ReadonlySet<string>): Chunk | null;
  /** What islands need that come one by one. */
  readonly scripts: Pick<Scripts, "boot" | "extras">;
  /** The asset at a path below the application's base, or null. */
  asset(pathname: string): Asset | null | Promise<Asset | null>;
  /** Hashes of the static files by path, for `asset()`. */
  readonly hashes: Readonly<Record<string, string>>;
  /** In development: markup that every page ends with, and that explains what went wrong, if something did. */
  readonly explain?: (error: unknown) => string;
}

/** The file `_fresh/build.json`. */
export interface BuildIndex {
  readonly scripts: Scripts;
  readonly assets: readonly AssetEntry[];
}

/** One asset in {@linkcode BuildIndex}: its body is in `files/<file>`, compressed in `files/<file>.br` and so on. */
export interface AssetEntry extends Pick<Asset, "type" | "hash" | "immutable"> {
  readonly pathname: string;
  readonly file: string;
  readonly encodings: readonly Encoding[];
}

/**
 * The build in `folder` (a file URL that ends with a slash).
 *
 * @throws {Error} when there is none, saying how to make one.
 */
export async function readBuild(folder: URL): Promise<Build> {
  let index: BuildIndex;
  try {
    // The engine's own build wrote this file, in this shape.
    index = JSON.parse(await Deno.readTextFile(new URL("build.json", folder))) as BuildIndex;
  } catch (cause) {
    throw new Error(`Cannot read the build in ${folder.pathname}: run "deno task build" first.`, { cause });
  }
  const read = (name: string) => Deno.readFile(new URL(`files/${name}`, folder));
  const assets = await Promise.all(
    index.assets.map(async ({ pathname, file, encodings, type, hash, immutable }) => {
      const body = await read(file);
      const encoded: Partial<Record<Encoding, Uint8Array<ArrayBuffer>>> = {};
      for (const encoding of encodings) encoded[encoding] = await read(`${file}.${encoding}`);
      return [pathname, { type, hash, immutable, body, encoded }] as const;
    }),
  );
  return memoryBuild("production", index, new Map(assets));
}

/** A build whose assets are in memory. */
export function memoryBuild(
  mode: Build["mode"],
  { scripts }: Pick<BuildIndex, "scripts">,
  assets: ReadonlyMap<string, Asset>,
): Build {
  const hashes: Record<string, string> = {};
  for (const [pathname, { hash, immutable }] of assets) if (!immutable) hashes[pathname] = hash;
  return {
    mode,
    hashes,
    scripts,
    asset: (pathname) => assets.get(pathname) ?? null,
    chunkOf(file) {
      const chunk = scripts.islands[file];
      if (chunk === undefined) {
        throw new Error(`Cannot find the JavaScript of the island "${file}": run "deno task build" again.`);
      }
      return chunk;
    },
    pageOf(files) {
      const all = scripts.pages.filter(({ islands }) => [...files].every((file) => islands.includes(file)));
      return all.toSorted((a, b) => a.islands.length - b.islands.length)[0] ?? null;
    },
  };
}

let hashes: Readonly<Record<string, string>> = {};

/** The static files that {@linkcode asset} knows from now on: those of the application attached last. */
export function setHashes(next: Readonly<Record<string, string>>): void {
  hashes = next;
}

/** The address of a static file that changes with its content, so that browsers keep it for ever. */
export function asset(path: string): string {
  return withHash(path, hashes);
}

/** The same for each address of a `srcset`. */
export function assetSrcSet(srcset: string): string {
  return withHashes(srcset, hashes);
}

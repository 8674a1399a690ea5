/**
 * Static files and bundled islands as assets, and their form on disk: `_fresh/build.json`, `_fresh/files/` with compressed
 * copies, and `_fresh/maps/`, which is never served.
 */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { getMimeType } from "hono/utils/mime";
import type { Asset, AssetEntry, BuildIndex, Encoding } from "../assets.ts";
import { type Bundle, PREFIX } from "./bundle.ts";
import { filesBelow } from "./crawl.ts";
import type { Kept } from "./kept.ts";
import { remove } from "./remove.ts";

/** Smaller files gain less than the header costs. */
const COMPRESS_FROM_BYTES = 200;
const COMPRESSIBLE = /^(text\/|image\/svg|application\/(javascript|json|manifest|xml|wasm))/;

/** The files of `static/` by path, uncompressed. */
export async function staticAssets(root: string): Promise<Map<string, Asset>> {
  const assets = new Map<string, Asset>();
  for (const path of await filesBelow(`${root}/static`)) {
    assets.set(`/${path}`, assetOf(path, await Deno.readFile(`${root}/static/${path}`), false));
  }
  return assets;
}

/** A bundle's files by path, uncompressed. */
export function bundleAssets(bundle: Bundle): Map<string, Asset> {
  return new Map([...bundle.files].map(([name, body]) => [PREFIX + name, assetOf(name, body, true)]));
}

/** A file as an asset; `immutable` when its name changes with its content. */
export function assetOf(name: string, body: Uint8Array<ArrayBuffer>, immutable: boolean): Asset {
  const type = getMimeType(name) ?? "application/octet-stream";
  return {
    type,
    hash: createHash("sha256").update(body).digest("hex").slice(0, 12),
    immutable,
    body,
    encoded: {},
  };
}

const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
const GZIP = { level: 9 };
const compressors: Readonly<
  Record<Encoding, { readonly how: string; compress(body: Uint8Array): Promise<Uint8Array> }>
> = {
  br: {
    how: `br ${JSON.stringify(BROTLI)}`,
    compress: (body) => promisify<Uint8Array, object, Uint8Array>(brotliCompress)(body, BROTLI),
  },
  gzip: {
    how: `gzip ${JSON.stringify(GZIP)}`,
    compress: (body) => promisify<Uint8Array, object, Uint8Array>(gzip)(body, GZIP),
  },
};

/** Writes a build into `folder`, in the place of any other that is there. */
export async function writeBuild(
  folder: string,
  bundle: Bundle,
  assets: ReadonlyMap<string, Asset>,
  kept: Kept,
): Promise<void> {
  // Written beside, then moved: whoever starts meanwhile finds the old build or the new one.
  const fresh = `${folder}/next`;
  await remove(fresh);
  await Deno.mkdir(`${fresh}/files`, { recursive: true });
  await Deno.mkdir(`${fresh}/maps`);
  const entries: AssetEntry[] = [];
  for (const [pathname, { type, hash, immutable, body }] of assets) {
    const file = String(entries.length);
    const encodings: Encoding[] = [];
    await Deno.writeFile(`${fresh}/files/${file}`, body);
    if (COMPRESSIBLE.test(type) && body.byteLength >= COMPRESS_FROM_BYTES) {
      for (const encoding of ["br", "gzip"] as const) {
        const { how, compress } = compressors[encoding];
        encodings.push(encoding);
        await Deno.writeFile(
          `${fresh}/files/${file}.${encoding}`,
          await kept.bytes(how, body, () => compress(body)),
        );
      }
    }
    entries.push({ pathname, file, encodings, type, hash, immutable });
  }
  for (const [name, map] of bundle.maps) await Deno.writeFile(`${fresh}/maps/${name}`, map);
  const index: BuildIndex = {
    scripts: bundle.scripts,
    assets: entries,
  };
  await Deno.writeTextFile(`${fresh}/build.json`, JSON.stringify(index));
  for (const name of ["files", "maps", "build.json"]) {
    await remove(`${folder}/${name}`);
    await Deno.rename(`${fresh}/${name}`, `${folder}/${name}`);
  }
  await remove(fresh);
}

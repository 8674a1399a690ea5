/**
 * A second pass over what esbuild has minified: terser, which sees further, takes another 4 % off a compressed page. It needs
 * seconds, so that only what a page waits for gets it.
 */
import type { OutputFile } from "esbuild";
import { minify, type MinifyOptions } from "terser";
import { type Bundle, nameOf } from "./bundle.ts";
import type { Kept } from "./kept.ts";

const OPTIONS: MinifyOptions = {
  module: true,
  compress: { passes: 4, ecma: 2020, keep_fargs: false, lhs_constants: false },
  format: { ecma: 2020 },
};

const HOW = `${import.meta.resolve("terser")} ${JSON.stringify(OPTIONS)}`;

/** JavaScript files and their source maps, by name; `awaited`: the names of those that pages wait for. */
export async function minified(
  outputs: readonly OutputFile[],
  awaited: ReadonlySet<string>,
  kept: Kept | undefined,
): Promise<Pick<Bundle, "files" | "maps">> {
  const texts = new Map(outputs.map(({ path, text }) => [nameOf(path), text]));
  for (const name of awaited) {
    const [text = "", content = ""] = [texts.get(name), texts.get(`${name}.map`)];
    const make = async () => {
      const { code, map } = await minify(text, { ...OPTIONS, sourceMap: { content } });
      return new TextEncoder().encode(JSON.stringify([code, map]));
    };
    const made = await (kept?.bytes(HOW, `${text}\n${content}`, make) ?? make());
    const [code, map] = JSON.parse(new TextDecoder().decode(made));
    texts.set(name, code).set(`${name}.map`, map);
  }
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const maps = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [name, text] of texts) {
    (name.endsWith(".map") ? maps : files).set(name, new TextEncoder().encode(text));
  }
  return { files, maps };
}

/**
 * A second pass over what esbuild has minified: terser, which sees further, takes another 4 % off a compressed page.
 */
import type { OutputFile } from "esbuild";
import { minify, type MinifyOptions } from "terser";
import { type Bundle, nameOf } from "./bundle.ts";

const OPTIONS: MinifyOptions = {
  module: true,
  compress: { passes: 4, ecma: 2020, keep_fargs: false, lhs_constants: false },
  format: { ecma: 2020 },
};

/** JavaScript files and their source maps, by name. */
export async function minified(outputs: readonly OutputFile[]): Promise<Pick<Bundle, "files" | "maps">> {
  const texts = new Map(outputs.map(({ path, text }) => [nameOf(path), text]));
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const maps = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [name, text] of texts) {
    if (name.endsWith(".map")) continue;
    const sourceMap = { content: texts.get(`${name}.map`) ?? "" };
    const { code = "", map } = await minify(text, { ...OPTIONS, sourceMap });
    files.set(name, new TextEncoder().encode(code));
    maps.set(`${name}.map`, new TextEncoder().encode(String(map)));
  }
  return { files, maps };
}

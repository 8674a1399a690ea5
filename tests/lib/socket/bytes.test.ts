// What an island ships of lib/socket: minified by esbuild, compressed by brotli, signals-core left to the page.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { build, stop } from "esbuild";

const budgetBytes = 4_500;

Deno.test(`a feed with its receipt fits into ${budgetBytes} bytes, and brings no zod along`, async () => {
  const { metafile, outputFiles } = await build({
    stdin: {
      contents: 'export { createFeed, receiptOf } from "./mod.ts";',
      resolveDir: fileURLToPath(new URL("../../../lib/socket", import.meta.url)),
    },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    external: ["@preact/signals-core"],
    metafile: true,
    write: false,
  });
  await stop();
  assert.deepEqual(Object.keys(metafile.inputs).filter((path) => path.includes("zod")), []);
  const bytes = brotliCompressSync(outputFiles[0]?.contents ?? new Uint8Array()).length;
  assert.ok(bytes > 0 && bytes <= budgetBytes, `${bytes} bytes`);
});

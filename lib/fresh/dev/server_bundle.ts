/**
 * Routes and islands as one module for the server, in development: a module that was loaded once cannot be loaded again, but
 * another one can take its place without a restart. What is not in the folders of pages stays the module that main.ts has
 * loaded as well.
 */
import { relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Manifest } from "../files.ts";
import { rethrowReadable } from "./bundle.ts";
import type { Sources } from "./crawl.ts";
import { manifestText } from "./generate.ts";
import type { Bundler } from "./incremental.ts";

/** Folders whose files are loaded anew. */
export const PAGE_FOLDERS: readonly string[] = ["routes", "islands", "components"];

let count = 0;

/** The project's routes and islands as they are now; `folder` is for the module itself. */
export async function loadManifest(
  root: string,
  folder: string,
  sources: Sources,
  bundler: Bundler,
): Promise<Manifest> {
  const { outputFiles: [file] } = await bundler({
    stdin: { contents: manifestText(sources), resolveDir: root, sourcefile: "fresh.gen.ts", loader: "ts" },
    absWorkingDir: root,
    outfile: resolve(folder, "server.js"),
    write: false,
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "esnext",
    jsx: "automatic",
    jsxImportSource: "preact",
    sourcemap: "inline",
    // Those who explain an error read the files themselves, and Deno loads half the text in half the time.
    sourcesContent: false,
    logLevel: "silent",
    plugins: [{
      name: "only-pages",
      setup({ onResolve }) {
        onResolve({ filter: /.*/ }, ({ path, resolveDir, kind }) => {
          if (kind === "entry-point") return null;
          if (!path.startsWith(".")) return { path, external: true };
          const file = resolve(resolveDir, path);
          const [first = ""] = relative(root, file).split("/");
          return PAGE_FOLDERS.includes(first)
            ? { path: file }
            : { path: pathToFileURL(file).href, external: true };
        });
      },
    }],
  }).catch(rethrowReadable);
  const path = resolve(folder, `server-${Deno.pid}-${++count}.js`);
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeFile(path, file?.contents ?? new Uint8Array());
  try {
    return await import(pathToFileURL(path).href);
  } finally {
    await Deno.remove(path);
  }
}

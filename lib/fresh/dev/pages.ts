/**
 * Which islands a page may show: those that its route imports, itself or through what it imports.
 */
import { build } from "esbuild";
import { rethrowReadable } from "./bundle.ts";
import type { Source, Sources } from "./crawl.ts";

/** The islands that stand together on a page, each set once; pages without any are left out. */
export async function islandsOfPages(
  root: string,
  { routes, islands }: Sources,
): Promise<readonly (readonly Source[])[]> {
  const { metafile: { inputs } } = await build({
    absWorkingDir: root,
    entryPoints: routes.map(({ path }) => `./${path}`),
    outdir: "/",
    bundle: true,
    packages: "external",
    write: false,
    metafile: true,
    logLevel: "silent",
  }).catch(rethrowReadable);
  const reach = (path: string, seen: Set<string>): Set<string> => {
    if (seen.has(path)) return seen;
    seen.add(path);
    for (const imported of inputs[path]?.imports ?? []) reach(imported.path, seen);
    return seen;
  };
  const sets = new Map<string, readonly Source[]>();
  for (const { path } of routes) {
    const reached = reach(path, new Set());
    const together = islands.filter((island) => reached.has(island.path));
    if (together.length > 0) sets.set(together.map(({ name }) => name).join(), together);
  }
  return [...sets.values()];
}

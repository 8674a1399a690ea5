/**
 * Writes `fresh.gen.ts`: static imports of every route and island, so that a host without a file system finds them. Its text
 * depends on the files' names alone.
 */
import type { Source, Sources } from "./crawl.ts";

/** The text of `fresh.gen.ts`. */
export function manifestText({ routes, islands }: Sources): string {
  const lines = [
    "// Written by `deno task build` and `deno task dev` from the files in routes/ and islands/: do not edit.",
  ];
  const list = (name: string, key: string, sources: readonly Source[]) => {
    if (sources.length === 0) return [`export const ${name} = [];`];
    const items = sources.map((source, i) =>
      `  { ${key}: ${JSON.stringify(source.name)}, module: ${name}${i} },`
    );
    return [`export const ${name} = [`, ...items, "];"];
  };
  for (const [name, sources] of [["routes", routes], ["islands", islands]] as const) {
    sources.forEach(({ path }, i) =>
      lines.push(`import * as ${name}${i} from ${JSON.stringify(`./${path}`)};`)
    );
  }
  lines.push("", ...list("routes", "id", routes), "", ...list("islands", "name", islands), "");
  return lines.join("\n");
}

/** Writes it where it is not there in this form already; says whether it did. */
export async function writeManifest(root: string, sources: Sources): Promise<boolean> {
  const path = `${root}/fresh.gen.ts`;
  const text = manifestText(sources);
  try {
    if (await Deno.readTextFile(path) === text) return false;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  await Deno.writeTextFile(path, text);
  return true;
}

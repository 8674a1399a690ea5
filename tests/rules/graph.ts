// The project's imports as `deno info` sees them: every source file that is part of the program, tests and
// benchmarks left out.

import type { Edge } from "./rules.ts";

const root = new URL("../../", import.meta.url);
const notSource = new Set(["node_modules", "tests", "bench", "docs", "static", "data", "coverage", "_fresh"]);

interface Dependency {
  readonly specifier: string;
  readonly code?: { readonly specifier?: string };
  readonly type?: { readonly specifier?: string };
}

interface Information {
  readonly modules: readonly { readonly specifier: string; readonly dependencies?: readonly Dependency[] }[];
}

/** Every source file of the program, relative to the project's folder. */
export async function sourceFiles(folder = ""): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    if (name.startsWith(".") || notSource.has(name)) continue;
    if (isDirectory) found.push(...await sourceFiles(`${folder}${name}/`));
    else if (/\.tsx?$/.test(name)) found.push(folder + name);
  }
  return found.sort();
}

/** Every import between these files and out of them. */
export async function importEdges(files: readonly string[]): Promise<readonly Edge[]> {
  // `deno info` takes one file: one that imports all the others.
  const everything = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(everything, files.map((file) => `import "${new URL(file, root)}";\n`).join(""));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", `--config=${new URL("deno.json", root).pathname}`, everything],
      cwd: root,
    }).output();
    if (code !== 0) throw new Error(`deno info: ${new TextDecoder().decode(stderr)}`);
    const information: Information = JSON.parse(new TextDecoder().decode(stdout));
    const own = new Set(files);
    return information.modules.flatMap(({ specifier, dependencies = [] }) => {
      const from = nameOf(specifier);
      return own.has(from) ? dependencies.flatMap((dependency) => edgeOf(from, dependency)) : [];
    });
  } finally {
    await Deno.remove(everything);
  }
}

function edgeOf(from: string, { code, type }: Dependency): readonly Edge[] {
  if (code?.specifier !== undefined) return [{ from, to: nameOf(code.specifier), kind: "value" }];
  if (type?.specifier !== undefined) return [{ from, to: nameOf(type.specifier), kind: "type" }];
  return [];
}

/** `lib/scpi/mod.ts`, `npm:zod`, `node:sqlite`. */
function nameOf(specifier: string): string {
  if (specifier.startsWith(root.href)) return specifier.slice(root.href.length);
  const npm = /^npm:\/?((?:@[^/]+\/)?[^/@]+)/.exec(specifier);
  return npm ? `npm:${npm[1]}` : specifier;
}

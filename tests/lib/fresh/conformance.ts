/**
 * Cases that hold on Fresh 2.3 as well, and those where the engine differs from it on purpose. The same files run on upstream
 * by an import map alone; `FRESH=upstream` then expects the second kind to fail.
 */
const onUpstream = Deno.env.get("FRESH") === "upstream";

/** A case that holds here and on upstream. */
export const holds = (name: string, run: () => void | Promise<void>): void => Deno.test(name, run);

/** A case where upstream does something else, described in lib/fresh/README.md's table. */
export function differs(name: string, run: () => void | Promise<void>): void {
  Deno.test(onUpstream ? `upstream differs: ${name}` : name, async () => {
    if (!onUpstream) return await run();
    try {
      await run();
    } catch {
      return;
    }
    throw new Error("upstream does the same: this is no deviation");
  });
}

/** A case of what upstream has not got at all, or has in another form: not run there. */
export function ours(name: string, run: (t: Deno.TestContext) => void | Promise<void>): void {
  Deno.test({ name, fn: run, ignore: onUpstream });
}

/** Keeps expected errors out of a test's output, and gives what was logged. */
export async function logged(run: () => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  const { error } = console;
  console.error = (...parts: unknown[]) => void lines.push(parts.map(String).join(" "));
  try {
    await run();
  } finally {
    console.error = error;
  }
  return lines;
}

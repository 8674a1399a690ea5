// Processes as Linux's /proc shows them: which ones carry a mark in their environment, wherever they hang in the tree.
// A mark outlives a parent, so that a process left behind is found too.

/** A running process. */
export interface Process {
  readonly pid: number;
  /** Its arguments, joined by spaces. */
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Every running process whose environment has `name=value`. */
export function processesMarked(name: string, value: string): readonly Process[] {
  return [...Deno.readDirSync("/proc")]
    .filter((entry) => /^\d+$/.test(entry.name))
    .flatMap((entry) => describe(Number(entry.name)) ?? [])
    .filter(({ env }) => env[name] === value);
}

// A process may end between any two looks, and a zombie has neither arguments nor environment.
function describe(pid: number): Process | null {
  try {
    const [command, environment] = ["cmdline", "environ"].map((file) =>
      Deno.readTextFileSync(`/proc/${pid}/${file}`).split("\0").filter((part) => part !== "")
    );
    if (command === undefined || environment === undefined || command.length === 0) return null;
    const env = environment.map((pair): [string, string] => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at), pair.slice(at + 1)];
    });
    return { pid, command: command.join(" "), env: Object.fromEntries(env) };
  } catch {
    return null;
  }
}

// What the benches of the fan-out measure with. Linux only (it reads /proc).

/** The port that a server prints first. @throws {Error} where it ends before that. */
export async function firstNumber(output: ReadableStream<Uint8Array>): Promise<number> {
  for await (const chunk of output) return Number(new TextDecoder().decode(chunk));
  throw new Error("The server ended before it listened.");
}

/** Kilobytes of memory that a process has. */
export function residentKb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]);
}

/** The value below which that share of the values lies; NaN where there is no value. */
export function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? NaN;
}

/** Resolves after so many milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Two processors that this process may use. @throws {Error} where there is only one. */
export function twoProcessors(): readonly [string, string] {
  const [, one, other] =
    /Cpus_allowed_list:\s+(\d+)[-,](\d+)/.exec(Deno.readTextFileSync("/proc/self/status")) ?? [];
  if (one === undefined || other === undefined) throw new Error("Cannot measure: this needs two processors.");
  return [one, other];
}

/** What runs a command on one processor alone. */
export function pinned(processor: string, command: readonly string[]): readonly string[] {
  return ["taskset", "--cpu-list", processor, ...command];
}

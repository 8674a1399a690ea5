// The whole of Lightline as a user starts it: `deno task start` on a free port, with a data folder of its own and
// a fixed seed, and every one of its processes within reach of a signal.

import { startTask, type TaskEnd } from "./task.ts";
import type { Process } from "./processes.ts";
import { until } from "./until.ts";

/** The parts of a running Lightline. */
export type Part = "start" | "relay" | "simulator" | "agent";

/** A running Lightline. Disposing of it ends every process and removes its folder. */
export interface Lightline extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, as it was printed. */
  readonly origin: string;
  readonly port: number;
  /** Where its processes put temporary files. */
  readonly temporary: string;
  /** What its processes wrote so far. */
  readonly lines: readonly string[];
  /** Every process of it that runs now. */
  processes(): readonly Process[];
  /** The part's process, waited for when it is being started again; with `not`, one that has another pid. */
  process(part: Part, not?: number): Promise<Process>;
  /** Sends a signal to a part, and says to which pid. */
  signal(part: Part, signal: Deno.Signal): Promise<number>;
  /** Asks `deno task start` to end, and waits for it. */
  end(signal?: Deno.Signal): Promise<TaskEnd>;
}

const programs: Readonly<Record<Part, RegExp>> = {
  start: /\brun\b.* start\.ts$/,
  relay: /\brun\b.* main\.ts$/,
  simulator: /\brun\b.* agent\/simulator\/main\.ts$/,
  agent: /\brun\b.* agent\/main\.ts$/,
};

/** Starts it, and waits until it printed its address; `env` is added to what every fixture gets. */
export async function startLightline(
  env: Readonly<Record<string, string>> = {},
  command: readonly [string, ...string[]] = [Deno.execPath()],
): Promise<Lightline> {
  const folder = await Deno.makeTempDir({ prefix: "lightline-test-" });
  const temporary = `${folder}/tmp`;
  await Deno.mkdir(temporary);
  const task = startTask("start", {
    env: { TMPDIR: temporary, PORT: "0", DATA_DIR: `${folder}/data`, SIM_SEED: "1", ...env },
    command,
  });
  const dispose = async () => {
    try {
      await task[Symbol.asyncDispose]();
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  };

  const find = (part: Part, not?: number) =>
    until(
      `the ${part}'s process`,
      () => task.processes().find(({ pid, command }) => pid !== not && programs[part].test(command)),
      { timeoutMs: 15_000 },
    );

  try {
    const [, origin = "", port] = await task.line(/Lightline is at (http:\/\/127\.0\.0\.1:(\d+))/);
    return {
      origin,
      port: Number(port),
      temporary,
      lines: task.lines,
      processes: task.processes,
      process: find,
      async signal(part, signal) {
        const { pid } = await find(part);
        Deno.kill(pid, signal);
        return pid;
      },
      end: task.end,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

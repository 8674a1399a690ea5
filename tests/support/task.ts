// A task of deno.json as a real child process: its lines, its processes, its end. Whatever it starts carries a mark in
// its environment, so that nothing it leaves behind stays unseen.

import { type Process, processesMarked } from "./processes.ts";
import { until } from "./until.ts";

const root = new URL("../../", import.meta.url);
const mark = "LIGHTLINE_TEST_RUN";

/** How a task ended. */
export interface TaskEnd {
  readonly code: number;
  /** From the signal to the end. */
  readonly tookMs: number;
}

/** A task that runs. Disposing of it ends it and fails when something of it had to be ended by force. */
export interface RunningTask extends AsyncDisposable {
  /** The process that was started: `deno task`, or the program that was given instead. */
  readonly pid: number;
  /** What it and its children wrote so far, both outputs, line by line. */
  readonly lines: readonly string[];
  /** Every process of it that runs now. */
  processes(): readonly Process[];
  /** The first match of `pattern` in its lines; throws when it ends, or a minute passes, without one. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends the signal to the process that was started, and waits for its end. */
  end(signal?: Deno.Signal): Promise<TaskEnd>;
  /** Resolves with the exit code when it ends. */
  readonly ended: Promise<number>;
}

/** How to start a task. */
export interface TaskOptions {
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: this very Deno. */
  readonly command?: readonly [string, ...string[]];
}

/** Starts `deno task <name>`. */
export function startTask(
  name: string,
  { env = {}, command = [Deno.execPath()] }: TaskOptions = {},
): RunningTask {
  const run = crypto.randomUUID();
  const [program, ...args] = command;
  const child = new Deno.Command(program, {
    args: [...args, "task", name],
    cwd: root,
    env: { NO_COLOR: "1", LOG_FORMAT: "json", ...env, [mark]: run },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const lines: string[] = [];
  const read = Promise.all([readLines(child.stdout, lines), readLines(child.stderr, lines)]);
  let status: Deno.CommandStatus | null = null;
  child.status.then((end) => status = end);
  const ended = child.status.then(({ code }) => code);
  const processes = () => processesMarked(mark, run);

  const end = async (signal: Deno.Signal = "SIGTERM"): Promise<TaskEnd> => {
    const askedAt = Date.now();
    if (status === null) child.kill(signal);
    const code = await ended;
    return { code, tookMs: Date.now() - askedAt };
  };

  return {
    pid: child.pid,
    lines,
    processes,
    ended,
    end,
    line: (pattern) =>
      until(
        `a line like ${pattern} from deno task ${name}`,
        () => {
          for (const line of lines) {
            const match = pattern.exec(line);
            if (match) return match;
          }
          if (status !== null) throw new Error(`it ended with ${status.code}`);
        },
        { timeoutMs: 60_000 },
      ).catch((error) => {
        throw new Error(`${error.message}; its lines:\n${lines.join("\n")}`);
      }),
    async [Symbol.asyncDispose]() {
      // A test that failed may have left one of them stopped, and deaf to every other signal.
      for (const { pid } of processes()) send(pid, "SIGCONT");
      if (status === null) child.kill("SIGTERM");
      const gone = () => processes().length === 0;
      const inTime = await until("every process to end", gone, { timeoutMs: 6000 }).catch(() => false);
      const left = processes();
      for (const { pid } of left) send(pid, "SIGKILL");
      await ended;
      await read;
      if (!inTime) {
        throw new Error(
          `deno task ${name} left behind: ${left.map(({ command }) => command).join("; ")}\n${
            lines.join("\n")
          }`,
        );
      }
    },
  };
}

function send(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch (error) {
    // It ended between the look and the signal.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function readLines(stream: ReadableStream<Uint8Array>, lines: string[]): Promise<void> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
  }
  if (rest !== "") lines.push(rest);
}

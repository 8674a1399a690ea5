// A child process that is started again whenever it ends by itself, later and later while it keeps ending.

import { exitCodes } from "./exit.ts";
import type { Logger } from "./log.ts";

const firstDelayMs = 250;
const longestDelayMs = 10_000;
const settledAfterMs = 10_000;

/** Milliseconds to wait before the start that follows `failures` ends in a row. */
export function restartDelayMs(failures: number): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - 1));
}

/** What a {@linkcode Child} runs: `deno run` with these arguments and, at each start, this environment added. */
export interface ChildOptions {
  /** Its name in the log. */
  readonly name: string;
  /** What follows `deno run`. */
  readonly args: readonly string[];
  /** Asked before each start. */
  readonly environment: () => Record<string, string>;
  /** Where its ends are told. */
  readonly log: Logger;
  /** How many lines on its standard output say that it is ready. Default: 1. */
  readonly readyLines?: number;
}

/** One supervised child. Its standard error is this process's own; its standard input ends when this process does. */
export class Child {
  readonly #options: ChildOptions;
  readonly #ready = Promise.withResolvers<readonly string[]>();
  readonly #lines: string[] = [];
  readonly #refusal = Promise.withResolvers<number>();
  #process: Deno.ChildProcess | null = null;
  #ended: Promise<void> = Promise.resolve();
  #stopping = false;
  #failures = 0;
  #restart: ReturnType<typeof setTimeout> | undefined;

  /** Nothing runs before {@linkcode Child.start}. */
  constructor(options: ChildOptions) {
    this.#options = options;
  }

  /** The first lines that it ever wrote on its standard output: it is ready. */
  get ready(): Promise<readonly string[]> {
    return this.#ready.promise;
  }

  /** Resolves when the child says that its configuration is wrong, and never was ready: it is not started again. */
  get refusal(): Promise<number> {
    return this.#refusal.promise;
  }

  /** Starts it, unless it has been retired. */
  start(): void {
    if (this.#stopping) return;
    const { args, environment } = this.#options;
    const startedAt = Date.now();
    const process = new Deno.Command("deno", {
      args: ["run", "-q", ...args],
      env: { ...environment(), EXIT_WITH_PARENT: "1" },
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#process = process;
    this.#readLines(process.stdout);
    this.#ended = this.#untilEnd(process, startedAt);
  }

  async #untilEnd(process: Deno.ChildProcess, startedAt: number): Promise<void> {
    const status = await process.status;
    this.#process = null;
    await process.stdin.close().catch(() => {});
    if (this.#stopping) return;
    // What stands in the way of one that was ready once has come since, and may go: another process on its port, say.
    if (status.code === exitCodes.configuration && !this.#wasReady) return this.#refusal.resolve(status.code);
    this.#failures = Date.now() - startedAt > settledAfterMs ? 1 : this.#failures + 1;
    this.#startAgain(status);
  }

  #startAgain(status: Deno.CommandStatus): void {
    const { name, log } = this.#options;
    const delayMs = restartDelayMs(this.#failures);
    const how = status.signal ? { signal: status.signal } : { code: status.code };
    log.warn(`the ${name} ended and is started again`, { ...how, delay_ms: delayMs });
    this.#restart = setTimeout(() => this.start(), delayMs);
  }

  async #readLines(stdout: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let rest = "";
    for await (const text of stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      if (!this.#wasReady) this.#lines.push(...lines.map((line) => line.trim()));
      if (this.#wasReady) this.#ready.resolve(this.#lines);
    }
  }

  get #wasReady(): boolean {
    return this.#lines.length >= (this.#options.readyLines ?? 1);
  }

  /** From now on its end is its last: a signal to a whole process group ends children before they are asked to. */
  retire(): void {
    this.#stopping = true;
    clearTimeout(this.#restart);
  }

  /** Asks it to end, and ends it by force after `graceMs`. Resolves when it has ended. */
  async stop(graceMs: number): Promise<void> {
    this.retire();
    this.#process?.kill("SIGTERM");
    const force = setTimeout(() => {
      this.#options.log.warn(`the ${this.#options.name} did not end in time and is killed`);
      this.#process?.kill("SIGKILL");
    }, graceMs);
    await this.#ended;
    clearTimeout(force);
  }
}

// A crowd in a process of its own, so that it neither disturbs who measures nor runs out of descriptors; it may have an
// agent with it, because all of a server's clients are elsewhere: to wake one more process of this machine for each
// reading would be the server's cost. Each line on standard input is answered with the frames so far: at first where to
// connect, in JSON, then how often the agent sends a reading, in Hz (0: not at all), or nothing.

import { type BenchAgent, connectAgent } from "./agent.ts";
import { Crowd } from "./crowd.ts";
import { pinned } from "./measure.ts";

/** Where to connect. */
export interface CrowdRequest {
  readonly port: number;
  readonly path: string;
  /** What each viewer says after the upgrade. */
  readonly greeting: string | null;
  readonly count: number;
  /** Whether an agent comes with it. */
  readonly agent: boolean;
}

/** A crowd elsewhere. */
export class RemoteCrowd {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<Uint8Array>;

  private constructor(processor: string | null) {
    const alone = [Deno.execPath(), "run", "-q", "-A", "--no-check", import.meta.url];
    const [program = "", ...args] = processor === null ? alone : pinned(processor, alone);
    this.#process = new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#output = this.#process.stdout.getReader();
  }

  /** Starts a process, on one processor or on any (null), and connects its viewers. */
  static async connect(request: CrowdRequest, processor: string | null = null): Promise<RemoteCrowd> {
    const crowd = new RemoteCrowd(processor);
    await crowd.#ask(JSON.stringify(request));
    return crowd;
  }

  /** Frames so far. */
  received(): Promise<number> {
    return this.#ask("");
  }

  /** Has the agent send a reading so often; 0: no more. */
  async feed(hz: number): Promise<void> {
    await this.#ask(String(hz));
  }

  /** Ends the process. */
  async close(): Promise<void> {
    await this.#input.close();
    await this.#output.cancel();
    await this.#process.status;
  }

  async #ask(line: string): Promise<number> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
    const { value } = await this.#output.read();
    if (!value) throw new Error("A crowd has ended.");
    return Number(new TextDecoder().decode(value));
  }
}

if (import.meta.main) {
  let crowd: Crowd | null = null;
  let agent: BenchAgent | null = null;
  let feeding: ReturnType<typeof setInterval> | undefined;
  for await (const chunk of Deno.stdin.readable) {
    const line = new TextDecoder().decode(chunk).trim();
    if (!crowd) {
      const request: CrowdRequest = JSON.parse(line);
      crowd = await Crowd.connect(request.port, request.path, request.greeting, request.count);
      crowd.read();
      if (request.agent) agent = await connectAgent(request.port);
    } else if (line !== "") {
      clearInterval(feeding);
      if (line !== "0") feeding = setInterval(() => agent?.read(Date.now() / 1000), 1000 / Number(line));
    }
    console.log(crowd.received);
  }
  Deno.exit(0);
}

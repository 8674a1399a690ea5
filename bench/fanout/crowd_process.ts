// A crowd in a process of its own, so that it neither disturbs who measures nor runs out of descriptors. Each line on
// standard input is answered with the frames so far: at first where to connect, in JSON, then anything.

import { Crowd } from "./crowd.ts";

/** Where to connect. */
export interface CrowdRequest {
  readonly port: number;
  readonly path: string;
  /** What each viewer says after the upgrade. */
  readonly greeting: string | null;
  readonly count: number;
}

/** A crowd elsewhere. */
export class RemoteCrowd {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<Uint8Array>;

  private constructor() {
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "-A", "--no-check", import.meta.url],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#output = this.#process.stdout.getReader();
  }

  /** Starts a process, and connects its viewers. */
  static async connect(request: CrowdRequest): Promise<RemoteCrowd> {
    const crowd = new RemoteCrowd();
    await crowd.#ask(JSON.stringify(request));
    return crowd;
  }

  /** Frames so far. */
  received(): Promise<number> {
    return this.#ask("");
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
  for await (const chunk of Deno.stdin.readable) {
    if (!crowd) {
      const { port, path, greeting, count }: CrowdRequest = JSON.parse(new TextDecoder().decode(chunk));
      crowd = await Crowd.connect(port, path, greeting, count);
      crowd.read();
    }
    console.log(crowd.received);
  }
  Deno.exit(0);
}

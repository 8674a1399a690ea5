// The control socket: lines in, lines out, on a unix socket or a TCP port. What the lines mean is in control.ts.

import { LineSplitter } from "../../lib/scpi/mod.ts";
import type { ControlAddress } from "./address.ts";

const longestLineBytes = 1024;

/** Serves control clients, each line by `answer`, until it is closed. */
export class ControlServer {
  readonly #address: ControlAddress;
  readonly #listener: Deno.Listener<Deno.Conn>;
  readonly #answer: (line: string) => readonly string[];
  readonly #clients = new Set<Deno.Conn>();
  readonly #accepting: Promise<void>;

  private constructor(
    address: ControlAddress,
    listener: Deno.Listener<Deno.Conn>,
    answer: (line: string) => readonly string[],
  ) {
    this.#address = address;
    this.#listener = listener;
    this.#answer = answer;
    this.#accepting = this.#accept();
  }

  /** Listens. @throws {Deno.errors.AddrInUse} and what else the system refuses. */
  static async open(
    address: ControlAddress,
    answer: (line: string) => readonly string[],
  ): Promise<ControlServer> {
    return new ControlServer(address, await listen(address), answer);
  }

  /** As a client has to name it. */
  get name(): string {
    if (this.#address.type === "unix") return this.#address.path;
    const { addr } = this.#listener;
    return addr.transport === "tcp" ? `${addr.hostname}:${addr.port}` : "";
  }

  /** Ends it; Deno removes a unix socket's file with its listener. */
  async close(): Promise<void> {
    this.#listener.close();
    for (const client of [...this.#clients]) this.#drop(client);
    await this.#accepting;
  }

  async #accept(): Promise<void> {
    const serving = new Set<Promise<void>>();
    for await (const client of this.#listener) {
      this.#clients.add(client);
      const done = this.#serve(client).finally(() => serving.delete(done));
      serving.add(done);
    }
    await Promise.all(serving);
  }

  async #serve(client: Deno.Conn): Promise<void> {
    const lines = new LineSplitter(longestLineBytes);
    const buffer = new Uint8Array(longestLineBytes);
    try {
      for (let length = await client.read(buffer); length !== null; length = await client.read(buffer)) {
        const answers = lines.push(buffer.subarray(0, length)).flatMap((event) =>
          event.type === "line" ? this.#answer(event.text) : ["error: a line is too long"]
        );
        await writeAll(client, new TextEncoder().encode(answers.map((line) => `${line}\n`).join("")));
      }
    } catch {
      // The client went away, or the server was closed: either way there is nobody to tell.
    }
    this.#drop(client);
  }

  #drop(client: Deno.Conn): void {
    if (this.#clients.delete(client)) client.close();
  }
}

async function listen(address: ControlAddress): Promise<Deno.Listener<Deno.Conn>> {
  if (address.type === "tcp") return Deno.listen({ hostname: address.hostname, port: address.port });
  const options = { transport: "unix", path: address.path } as const;
  try {
    return Deno.listen(options);
  } catch (error) {
    // A killed process leaves its socket behind: where nobody answers on it, it is in nobody's use.
    if (!(error instanceof Deno.errors.AddrInUse) || await isServed(address.path)) throw error;
    await Deno.remove(address.path);
    return Deno.listen(options);
  }
}

async function isServed(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch {
    return false;
  }
}

async function writeAll(client: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let start = 0; start < bytes.length;) start += await client.write(bytes.subarray(start));
}

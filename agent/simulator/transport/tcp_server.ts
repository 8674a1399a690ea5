// The instrument on a network: SCPI over TCP, several clients at once, each with its own conversation.

import type { Logger } from "../../../lib/process/mod.ts";
import type { TcpAddress } from "../address.ts";
import { Session, type SessionContext } from "../session.ts";

const largestReadBytes = 4096;

/** A listener whose clients can all be cut off, and which then refuses others until it is plugged in again. */
export class TcpServer {
  readonly #context: SessionContext;
  readonly #log: Logger;
  readonly #listener: Deno.TcpListener;
  readonly #clients = new Map<
    Deno.TcpConn,
    { readonly closed: AbortController; readonly done: Promise<void> }
  >();
  readonly #accepting: Promise<void>;
  #plugged = true;

  /** Listens at once. @throws {Deno.errors.AddrInUse} and what else the system refuses. */
  constructor(
    context: SessionContext,
    log: Logger,
    address: TcpAddress,
  ) {
    this.#context = context;
    this.#log = log;
    this.#listener = Deno.listen({ hostname: address.hostname, port: address.port });
    this.#accepting = this.#accept();
    this.#log.info("listening for SCPI", { hostname: this.address.hostname, port: this.address.port });
  }

  /** Where it listens. */
  get address(): TcpAddress {
    return this.#listener.addr;
  }

  /** What is there, in a few words. */
  describe(): string {
    const { hostname, port } = this.address;
    return `tcp ${hostname}:${port} clients ${this.#clients.size}${this.#plugged ? "" : " unplugged"}`;
  }

  /** Lets clients in again. */
  plug(): void {
    this.#plugged = true;
  }

  /** Cuts all clients off. */
  async unplug(): Promise<void> {
    this.#plugged = false;
    const clients = [...this.#clients];
    for (const [connection, { closed }] of clients) {
      closed.abort();
      connection.close();
    }
    await Promise.all(clients.map(([, { done }]) => done));
  }

  /** Ends it for good. */
  async close(): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    await this.unplug();
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      if (!this.#plugged) {
        connection.close();
        continue;
      }
      // A reply is one short write: waiting to send it with others would only delay it.
      connection.setNoDelay(true);
      const closed = new AbortController();
      const done = this.#serve(connection, closed).finally(() => this.#clients.delete(connection));
      this.#clients.set(connection, { closed, done });
    }
  }

  async #serve(connection: Deno.TcpConn, closed: AbortController): Promise<void> {
    const send = async (bytes: Uint8Array) => {
      for (let start = 0; start < bytes.length;) start += await connection.write(bytes.subarray(start));
    };
    const session = new Session(this.#context, send, closed.signal);
    const buffer = new Uint8Array(largestReadBytes);
    try {
      for (
        let length = await connection.read(buffer);
        length !== null;
        length = await connection.read(buffer)
      ) {
        await session.receive(buffer.subarray(0, length));
      }
    } catch (error) {
      // A client that goes away without a word, or is cut off, is how a conversation ends.
      const gone = closed.signal.aborted || error instanceof Deno.errors.ConnectionReset ||
        error instanceof Deno.errors.BrokenPipe;
      if (!gone) this.#log.error("a client's conversation failed", { reason: String(error) });
    }
    if (!closed.signal.aborted) {
      closed.abort();
      connection.close();
    }
  }
}

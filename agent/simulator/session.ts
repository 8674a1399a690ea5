// One client's conversation: bytes in, lines, replies, and what the faults make of them. It does not know which wire it is.

import { type LineEvent, LineSplitter, parseMessage } from "../../lib/scpi/mod.ts";
import type { Clock } from "./clock.ts";
import type { Reply } from "./context.ts";
import type { FaultInjector } from "./faults/injector.ts";
import type { InstrumentHost } from "./host.ts";

/** Longer commands are lost, with error -363. */
const longestLineBytes = 4096;
const terminator = new TextEncoder().encode("\r\n");
const separator = new TextEncoder().encode(";");

/** Sends bytes to the client, as fast as the wire takes them. */
export type Send = (bytes: Uint8Array) => Promise<void>;

/** What all sessions share. */
export interface SessionContext {
  readonly host: InstrumentHost;
  readonly faults: FaultInjector;
  readonly clock: Clock;
}

/** A conversation; one message after the other, as the instrument takes them. */
export class Session {
  readonly #context: SessionContext;
  readonly #send: Send;
  readonly #closed: AbortSignal;
  readonly #lines = new LineSplitter(longestLineBytes);

  constructor(
    context: SessionContext,
    send: Send,
    closed: AbortSignal,
  ) {
    this.#context = context;
    this.#send = send;
    this.#closed = closed;
  }

  /** Takes what arrived; resolves when it has been answered. */
  async receive(bytes: Uint8Array): Promise<void> {
    if (this.#context.host.deaf) return this.#lines.clear();
    for (const event of this.#lines.push(bytes)) {
      if (this.#closed.aborted) return;
      await this.#take(event);
    }
  }

  async #take(event: LineEvent): Promise<void> {
    const { host, faults, clock } = this.#context;
    if (event.type === "overrun") return host.raise(-363);
    const replies = await host.execute(parseMessage(event.text), this.#closed);
    if (replies === undefined || replies.length === 0) return;
    for (const { afterMs, bytes } of faults.reply(responseMessage(replies))) {
      if (afterMs > 0) await clock.sleep(afterMs, this.#closed);
      if (this.#closed.aborted || host.deaf) return;
      await this.#send(bytes);
    }
  }
}

/**
 * The replies in one message. A block at its end says its own length, and no terminator follows it: that is how the
 * open-source driver reads this instrument, which takes the block's bytes and leaves none behind.
 */
function responseMessage(replies: readonly Reply[]): Uint8Array {
  const encoder = new TextEncoder();
  const parts = replies.flatMap((reply, index) => {
    const bytes = typeof reply === "string" ? encoder.encode(reply) : reply;
    return index === 0 ? [bytes] : [separator, bytes];
  });
  if (typeof replies.at(-1) === "string") parts.push(terminator);
  const message = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    message.set(part, at);
    at += part.length;
  }
  return message;
}

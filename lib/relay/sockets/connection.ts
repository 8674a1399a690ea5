// One socket, of a viewer or of an agent: it ends once however often it is told to, what its handler throws closes
// it alone, and a message is checked for length and rate before a handler sees it. Not here: what messages mean.

import type { Carrier, CarrierListener } from "../wire/carrier.ts";
import type { Logger } from "../../process/mod.ts";
import { closeCode } from "../../protocol/mod.ts";
import type { Limits } from "../limits.ts";
import type { Count } from "../metrics/kinds.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { refusal } from "../fanout/messages.ts";
import type { Endpoint } from "./endpoints.ts";
import { type Dialect, type Message, Outgoing } from "../fanout/outgoing.ts";

/** What an endpoint does with its sockets. */
export interface Handler {
  /** The socket is open. */
  opened(connection: Connection): void;
  /** A message arrived. */
  received(connection: Connection, text: string): void;
  /** The socket ended; called once. */
  ended(connection: Connection, code: number): void;
}

/** Whose socket it is: agents may send as much as they like, and are not counted as streams. */
export type Party = "viewer" | "agent";

/** What a connection needs of the relay. */
export interface ConnectionContext {
  readonly limits: Limits;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly now: () => number;
  /** Called once, when the connection ends. */
  readonly release: (connection: Connection) => void;
  /** Called once, when the socket is closed at both ends. */
  readonly free: (connection: Connection) => void;
}

/** One open socket. */
export class Connection implements CarrierListener {
  /** Unix milliseconds. */
  readonly openedMs: number;
  readonly #handler: Handler;
  readonly #context: ConnectionContext;
  readonly #received: Count;
  /** With which code it has ended; null while it has not. */
  #endCode: number | null = null;
  #sent = 0;
  /** Messages that were rejected in a row. */
  #refused = 0;
  /** When the messages of the last window came; most viewers never send any. */
  #receivedMs: number[] | null = null;
  #isGone = false;
  /** Who waits for it to be gone. */
  #farewell: (() => void) | null = null;

  /** Listens to a socket that was just upgraded. */
  constructor(
    /** For whoever has looked at its queue, and counts what it sends. */
    readonly carrier: Carrier,
    readonly party: Party,
    readonly endpoint: Endpoint,
    readonly address: string,
    readonly dialect: Dialect,
    /** When its holder's token ends, Unix milliseconds; Infinity where there is none. */
    readonly expiresMs: number,
    /** When its request came, by `performance.now`. */
    readonly startedMs: number,
    handler: Handler,
    context: ConnectionContext,
  ) {
    this.#handler = handler;
    this.#context = context;
    this.#received = context.metrics.messagesIn.of({ endpoint });
    this.openedMs = context.now();
    carrier.listener = this;
  }

  /** Bytes that wait to be sent. */
  get queuedBytes(): number {
    const bytes = this.carrier.queuedBytes;
    this.#context.metrics.queued(bytes);
    return bytes;
  }

  /** Whether nothing will be sent or received any more. */
  get ended(): boolean {
    return this.#endCode !== null;
  }

  /** Resolves when the socket itself is closed: the other end has read everything and answered, or is gone. */
  get closed(): Promise<void> {
    if (this.#isGone) return Promise.resolve();
    return new Promise((resolve) => this.#farewell = resolve);
  }

  /** Sends a message; nothing once the connection has ended. A viewer whose queue is too long is closed instead. */
  send(message: Outgoing): void {
    if (this.ended) return;
    if (this.queuedBytes > this.#context.limits.tooSlowBytes) {
      return this.closeForLimit("send_queue", closeCode.tooSlow, "this viewer reads too slowly");
    }
    this.write(message);
  }

  /** Sends a message that is for this connection alone. */
  say(message: Message): void {
    this.send(new Outgoing(message, this.#context.now()));
  }

  /** Sends without a look at the queue: for callers that have had one. */
  write(message: Outgoing): void {
    if (this.ended) return;
    const encoded = message.encoded(this.dialect);
    if (!this.carrier.send(encoded)) return;
    this.#sent += 1;
    this.#context.metrics.sent(1, encoded.frame.length);
  }

  /** Counts messages that went to its socket without {@linkcode Connection.write}. */
  countSent(messages: number): void {
    this.#sent += messages;
  }

  /** Closes the socket; the handler hears of it at once, not when the other end has answered. */
  close(code: number, reason: string): void {
    if (this.ended) return;
    this.carrier.close(code, reason);
    this.#end(code);
  }

  /** Closes the socket for exceeding a limit. */
  closeForLimit(limit: string, code: number, reason: string): void {
    this.#context.metrics.limited.add(1, { limit });
    this.close(code, reason);
  }

  /** {@linkcode CarrierListener.opened} */
  opened(): void {
    this.#guard(() => {
      if (this.ended) return;
      this.#context.metrics.handshake.observe((performance.now() - this.startedMs) / 1000);
      this.#handler.opened(this);
    });
  }

  /** {@linkcode CarrierListener.received} */
  received(text: string | null): void {
    this.#guard(() => this.#receive(text));
  }

  /** {@linkcode CarrierListener.faulted} */
  faulted(code: number, reason: string): void {
    if (code === closeCode.tooBig) this.closeForLimit("message_length", code, reason);
    else this.close(code, reason);
  }

  /** {@linkcode CarrierListener.gone} */
  gone(code: number): void {
    this.#isGone = true;
    this.#end(code);
    this.#context.free(this);
    this.#farewell?.();
  }

  /** Closes this connection because its handler failed. */
  fail(error: unknown): void {
    const { metrics, log } = this.#context;
    metrics.failures.add(1, { place: this.endpoint });
    log.error("a socket's handler failed", {
      endpoint: this.endpoint,
      reason: error instanceof Error ? error.stack : String(error),
    });
    this.close(closeCode.failure, "the relay failed on this socket");
  }

  #receive(text: string | null): void {
    if (this.ended) return;
    this.#received.add();
    if (this.party === "viewer" && !this.#withinRate()) {
      const { limits, now } = this.#context;
      const rule = `more than ${limits.messagesPerWindow} messages in ${limits.messageWindowMs / 1000} s`;
      this.say(refusal("rate_limited", rule, this.#refused + 1, now(), false));
      return this.closeForLimit("message_rate", closeCode.policy, rule);
    }
    const refused = this.#refused;
    if (text === null) this.reject("a message must be text, this one is binary");
    else this.#handler.received(this, text);
    if (this.#refused === refused) this.#refused = 0;
  }

  #guard(handle: () => void): void {
    try {
      handle();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Answers a message that cannot be understood; the socket stays open. */
  reject(reason: string, code = "bad_message"): void {
    this.#context.metrics.badMessages.add(1, { endpoint: this.endpoint });
    this.#refused += 1;
    this.say(refusal(code, reason, this.#refused, this.#context.now()));
  }

  #withinRate(): boolean {
    const { limits, now } = this.#context;
    const nowMs = now();
    const times = this.#receivedMs ??= [];
    times.push(nowMs);
    while (nowMs - (times[0] ?? nowMs) >= limits.messageWindowMs) times.shift();
    return times.length <= limits.messagesPerWindow;
  }

  #end(code: number): void {
    if (this.ended) return;
    this.#endCode = code;
    const { metrics, log, now, release } = this.#context;
    metrics.closed.add(1, { endpoint: this.endpoint, code: labelOf(code) });
    release(this);
    try {
      this.#handler.ended(this, code);
    } catch (error) {
      metrics.failures.add(1, { place: this.endpoint });
      log.error("a socket's handler failed at its end", { endpoint: this.endpoint, reason: String(error) });
    }
    log.info("connection ended", {
      endpoint: this.endpoint,
      address: this.address,
      code,
      duration_s: Math.round((now() - this.openedMs) / 100) / 10,
      messages_sent: this.#sent,
    });
  }
}

/** A code as a label: clients choose from 2,000 more than those that mean something here. */
function labelOf(code: number): string {
  return code in closeCode || (code >= 1000 && code <= 1015) ? String(code) : "other";
}

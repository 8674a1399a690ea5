// A message on its way to sockets: encoded once for each dialect, whoever gets it. `typed` is the envelope of
// `/api/v1/ws/v2/*`, `/ws` and agents, `evented` that of `/ws/updates`.

import { Encoded } from "../wire/carrier.ts";
import type {
  Ack,
  Command,
  Data,
  Publication,
  RelayMessage,
  Subscribed,
  Update,
  Welcome,
} from "../../protocol/mod.ts";

/** How a socket's messages are wrapped. */
export type Dialect = "typed" | "evented";

/** Everything that goes out; `connected` is said on `/ws/updates` alone. */
export type Message =
  | RelayMessage
  | Publication
  | Subscribed
  | Welcome
  | Ack
  | Command
  | { readonly type: "connected" };

/** A message and its encodings, each made when first needed. */
export class Outgoing<M extends Message = Message> {
  #typed: Encoded | null = null;
  #evented: Encoded | null = null;
  readonly #nowMs: number;

  /** `nowMs` stands in the evented envelope of a message that has no time of its own. */
  constructor(readonly message: M, nowMs: number) {
    this.#nowMs = nowMs;
  }

  /** The message in a dialect. */
  encoded(dialect: Dialect): Encoded {
    if (dialect === "typed") return this.#typed ??= new Encoded(JSON.stringify(this.message));
    return this.#evented ??= new Encoded(JSON.stringify(evented(this.message, this.#nowMs)));
  }
}

/** A reading on its way. */
export type OutgoingReading = Outgoing<Data>;

/** ISO 8601 in UTC. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

function evented(message: Message, nowMs: number): Update {
  if (message.type === "data") {
    const { type: _, ...reading } = message;
    return { event: `power/${reading.module}`, data: reading, timestamp: isoTime(reading.timestamp * 1000) };
  }
  if ("payload" in message) return { event: message.type, data: message.payload, timestamp: isoTime(nowMs) };
  const { type, ...rest } = message;
  if (!("timestamp" in rest)) return { event: type, data: rest, timestamp: isoTime(nowMs) };
  const { timestamp, ...data } = rest;
  return { event: type, data: "data" in data ? data.data : data, timestamp };
}

// One WebSocket, whoever made it: what a connection asks of it, and what it hears of it.

import type { Buffer } from "node:buffer";
import { textFrame } from "./frames.ts";

/** A message, encoded once for everybody who gets it. */
export class Encoded {
  /** The message as a WebSocket's frame. */
  readonly frame: Buffer;

  /** Encodes a text. */
  constructor(readonly text: string) {
    this.frame = textFrame(text);
  }
}

/** The code of a connection that ended without a close (RFC 6455, 7.1.5). */
export const lost = 1006;

/** What carries messages to one peer. */
export interface Carrier {
  /** Bytes that wait to be sent. */
  readonly queuedBytes: number;
  /** Who hears of what comes; set before anything does. */
  listener: CarrierListener | null;
  /** Sends a message; false where none can be sent: not yet, or not any more. */
  send(message: Encoded): boolean;
  /** Says that it closes, and closes once the peer has said so too, or has not for half a minute. */
  close(code: number, reason: string): void;
}

/** Who hears of a carrier. */
export interface CarrierListener {
  /** Messages can be sent from now on. */
  opened(): void;
  /** A message: its text, or null where it was binary. */
  received(text: string | null): void;
  /** The peer broke a rule of the protocol, sent a message that is too long (1009), or was silent (1001): to be closed so. */
  faulted(code: number, reason: string): void;
  /** It is closed at both ends, or {@linkcode lost}. Called once, and nothing after it. */
  gone(code: number): void;
}

/** What a socket is upgraded with. */
export interface UpgradeOptions {
  /** The subprotocol that was agreed on. */
  readonly protocol: string | null;
  /** Bytes that a message may have. */
  readonly messageLength: number;
  /** A peer that sends nothing for this long, not even a pong, is lost. Milliseconds. */
  readonly idleMs: number;
}

/** A request that has become a socket. */
export interface Upgraded {
  readonly carrier: Carrier;
  /** To be returned for the request. */
  readonly response: Response;
}

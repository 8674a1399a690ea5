// A WebSocket on a TCP connection of our own listener. A message is one write of bytes that all viewers share.

import type { Socket } from "node:net";
import { closeCode } from "../../protocol/mod.ts";
import { type Carrier, type CarrierListener, type Encoded, lost, type UpgradeOptions } from "./carrier.ts";
import { closeFrame, FrameReader, type FrameSink, pingFrame, pongFrame } from "./frames.ts";

const noCode = 1005;
/** How long a peer has to answer a close. */
const closingMs = 30_000;
/** A pong that would wait behind more than this is not sent: the queue must not grow without end. */
const pongQueueBytes = 64 * 1024;

/** A WebSocket on a connection that has just been upgraded. Whoever made it tells it what the connection brings. */
export class NetCarrier implements Carrier, FrameSink {
  listener: CarrierListener | null = null;
  readonly #socket: Socket;
  #isOpen = true;
  readonly #messageLength: number;
  readonly #idleMs: number;
  /** Viewers that never send anything have none. */
  #reader: FrameReader | null = null;
  #heardMs: number;
  /** Whether something has come since it was last watched: to ask the clock each time would cost more. */
  #isHeard = false;
  #closedMs = Infinity;
  #code = lost;

  /** Sends on `socket`. `nowMs` is the time of a clock that nobody sets (`performance.now`), here and later. */
  constructor(socket: Socket, { messageLength, idleMs }: UpgradeOptions, nowMs: number) {
    this.#socket = socket;
    this.#messageLength = messageLength;
    this.#idleMs = idleMs;
    this.#heardMs = nowMs;
  }

  /** Bytes that the kernel has not taken yet. */
  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  /** One write; none where the connection is lost and its end is still to be told, which Node answers with an error each. */
  send({ frame }: Encoded): boolean {
    if (!this.#isOpen || !this.#socket.writable) return false;
    this.#socket.write(frame);
    return true;
  }

  /** The close frame waits its turn behind what is queued. */
  close(code: number, reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#code = code;
    this.#closedMs = performance.now();
    this.#socket.write(closeFrame(code, reason));
  }

  /** Asks a silent peer for a sign of life, closes one that gave none, and drops one that does not answer a close. */
  watch(nowMs: number): void {
    if (this.#isHeard) this.#heardMs = nowMs;
    this.#isHeard = false;
    const silentMs = nowMs - this.#heardMs;
    if (nowMs - this.#closedMs >= closingMs) this.#socket.destroy();
    else if (!this.#isOpen) return;
    else if (silentMs >= this.#idleMs) this.fault(closeCode.goingAway, "nothing was heard for too long");
    else if (silentMs >= this.#idleMs / 2) this.#socket.write(pingFrame);
  }

  /** Bytes have come. */
  take(chunk: Uint8Array): void {
    this.#isHeard = true;
    this.#reader ??= new FrameReader(this, this.#messageLength);
    this.#reader.push(chunk);
  }

  /** Nothing more will come: what is queued goes out, and that is all. */
  finish(): void {
    this.#isOpen = false;
    this.#socket.destroySoon();
  }

  /** The connection is closed. */
  end(): void {
    this.#isOpen = false;
    this.listener?.gone(this.#code);
  }

  /** {@linkcode FrameSink.message} */
  message(text: string | null): void {
    if (this.#isOpen) this.listener?.received(text);
  }

  /** {@linkcode FrameSink.ping} */
  ping(payload: Uint8Array): void {
    if (this.#isOpen && this.queuedBytes <= pongQueueBytes) this.#socket.write(pongFrame(payload));
  }

  /** {@linkcode FrameSink.closing}: the answer to ours, or one that is answered. */
  closing(code: number | null): void {
    if (this.#isOpen) {
      this.#isOpen = false;
      this.#closedMs = performance.now();
      this.#code = code ?? noCode;
      this.#socket.write(closeFrame(code));
    }
    this.finish();
  }

  /** {@linkcode FrameSink.fault}: what the peer is still sending is read, so that it is not cut off before it reads why. */
  fault(code: number, reason: string): void {
    this.listener?.faulted(code, reason);
    this.#socket.end();
  }
}

// WebSocket's frames (RFC 6455, 5): those that a server sends, as bytes, and a reader of those that a client sends.

import { Buffer } from "node:buffer";
import { closeCode } from "../../protocol/mod.ts";

/** The kinds of frames. */
enum opcode {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
}

const final = 0x80;
const reserved = 0x70;
const masked = 0x80;
/** Lengths up to this stand in the second byte. */
const shortest = 125;
const twoBytes = 126;
const eightBytes = 127;
const headerAtMost = 10;

/** A text message as one frame. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(headerLength(length) + length);
  frame.write(text, writeHeader(frame, opcode.text, length));
  return frame;
}

/** A ping without a payload. */
export const pingFrame: Buffer = controlFrame(opcode.ping, Buffer.alloc(0));

/** The answer to a ping with this payload. */
export function pongFrame(payload: Uint8Array): Buffer {
  return controlFrame(opcode.pong, payload);
}

/** A close; `code` null: without one. What does not fit of the reason is left out. */
export function closeFrame(code: number | null, reason = ""): Buffer {
  if (code === null) return controlFrame(opcode.close, Buffer.alloc(0));
  const payload = Buffer.alloc(shortest);
  payload.writeUInt16BE(code);
  return controlFrame(opcode.close, payload.subarray(0, 2 + payload.write(reason, 2)));
}

function controlFrame(kind: opcode, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(headerLength(payload.length) + payload.length);
  frame.set(payload, writeHeader(frame, kind, payload.length));
  return frame;
}

function headerLength(length: number): number {
  if (length <= shortest) return 2;
  return length <= 0xffff ? 4 : headerAtMost;
}

function writeHeader(frame: Buffer, kind: opcode, length: number): number {
  frame[0] = final | kind;
  switch (headerLength(length)) {
    case 2:
      return frame.writeUInt8(length, 1);
    case 4:
      frame[1] = twoBytes;
      return frame.writeUInt16BE(length, 2);
    default:
      frame[1] = eightBytes;
      return frame.writeBigUInt64BE(BigInt(length), 2);
  }
}

/** What a client has sent. Nothing comes after a close or a fault. */
export interface FrameSink {
  /** A whole message: its text, or null where it was binary. */
  message(text: string | null): void;
  /** It wants the payload back. */
  ping(payload: Uint8Array): void;
  /** It closes, with this code; null: without one. */
  closing(code: number | null): void;
  /** It broke a rule, and is to be closed with this code. */
  fault(code: number, reason: string): void;
}

class Fault extends Error {
  constructor(readonly code: number, reason: string) {
    super(reason);
  }
}

const protocolError = 1002;
const invalidText = 1007;

/** Reads a client's frames from what a connection brings, in whatever pieces. Keeps no more than one message. */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #messageLength: number;
  /** Bytes of a frame that is not complete. */
  #rest: Uint8Array | null = null;
  /** What has come of a message in several frames. */
  #message: Buffer | null = null;
  #length = 0;
  #kind: opcode.text | opcode.binary | null = null;
  #done = false;

  /** `messageLength`: a longer message, in bytes, is a fault (1009) as soon as a frame announces it. */
  constructor(sink: FrameSink, messageLength: number) {
    this.#sink = sink;
    this.#messageLength = messageLength;
  }

  /** Takes the next bytes. */
  push(chunk: Uint8Array): void {
    let bytes = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
    try {
      while (!this.#done) {
        const length = this.#frame(bytes);
        if (length === 0) break;
        bytes = bytes.subarray(length);
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.#done = true;
      this.#sink.fault(error.code, error.message);
    }
    this.#rest = this.#done || bytes.length === 0 ? null : copied(bytes);
  }

  /** Takes the first frame of `bytes`, and returns its length; 0 where it is not complete. */
  #frame(bytes: Uint8Array): number {
    const head = headOf(bytes);
    if (head === null) return 0;
    const { kind, isLast, maskAt, length } = head;
    if (kind < opcode.close && this.#length + length > this.#messageLength) {
      throw new Fault(closeCode.tooBig, `a message over ${this.#messageLength} bytes`);
    }
    const start = maskAt + 4;
    if (bytes.length < start + length) return 0;
    const payload = copied(bytes.subarray(start, start + length));
    for (let index = 0; index < length; index++) {
      payload[index] = (payload[index] ?? 0) ^ (bytes[maskAt + (index & 3)] ?? 0);
    }
    this.#take(kind, payload, isLast);
    return start + length;
  }

  #take(kind: number, payload: Uint8Array, isLast: boolean): void {
    switch (kind) {
      case opcode.text:
      case opcode.binary:
        if (this.#kind !== null) throw new Fault(protocolError, "a message begins within another");
        this.#kind = kind;
        return this.#continue(payload, isLast);
      case opcode.continuation:
        if (this.#kind === null) throw new Fault(protocolError, "a frame continues no message");
        return this.#continue(payload, isLast);
      case opcode.ping:
        return this.#sink.ping(payload);
      case opcode.pong:
        return;
      case opcode.close:
        this.#done = true;
        return this.#sink.closing(closeCodeOf(payload));
      default:
        throw new Fault(protocolError, "a frame is of no known kind");
    }
  }

  #continue(payload: Uint8Array, isLast: boolean): void {
    let whole = payload;
    if (!isLast || this.#message !== null) {
      this.#message ??= Buffer.allocUnsafe(this.#messageLength);
      this.#message.set(payload, this.#length);
      this.#length += payload.length;
      whole = this.#message.subarray(0, this.#length);
    }
    if (!isLast) return;
    const kind = this.#kind;
    this.#message = null;
    this.#length = 0;
    this.#kind = null;
    this.#sink.message(kind === opcode.text ? decoded(whole) : null);
  }
}

/** What is kept must not keep the chunk, which may be much larger. (`slice` of a Buffer would.) */
function copied(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

interface Head {
  readonly kind: number;
  readonly isLast: boolean;
  readonly maskAt: number;
  /** Of the payload. */
  readonly length: number;
}

/** The first bytes of a frame; null where they are not complete. */
function headOf(bytes: Uint8Array): Head | null {
  const [first = 0, second = 0] = bytes;
  if (bytes.length < 2) return null;
  const kind = first & 0x0f;
  const isLast = (first & final) !== 0;
  if ((first & reserved) !== 0) throw new Fault(protocolError, "a reserved bit of a frame is set");
  if ((second & masked) === 0) throw new Fault(protocolError, "a frame of a client is not masked");
  const short = second & ~masked;
  if (kind >= opcode.close && (short > shortest || !isLast)) {
    throw new Fault(protocolError, "a control frame is too long, or in pieces");
  }
  const maskAt = short <= shortest ? 2 : short === twoBytes ? 4 : headerAtMost;
  if (bytes.length < maskAt) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = maskAt === 2 ? short : maskAt === 4 ? view.getUint16(2) : Number(view.getBigUint64(2));
  return { kind, isLast, maskAt, length };
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decoded(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Fault(invalidText, "a text is not UTF-8");
  }
}

/** RFC 6455, 5.5.1 and 7.4. */
function closeCodeOf(payload: Uint8Array): number | null {
  if (payload.length === 0) return null;
  const code = ((payload[0] ?? 0) << 8) | (payload[1] ?? 0);
  const mayBeSent = (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) ||
    (code >= 3000 && code <= 4999);
  if (payload.length === 1 || !mayBeSent) throw new Fault(protocolError, "a close has no valid code");
  decoded(payload.subarray(2));
  return code;
}

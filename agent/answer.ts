// What a question is answered with, on its way in: a line, or a definite-length block. Each takes bytes until it is
// complete and says what is left over of them; which bytes belong to whom is the business of conversation.ts.

import { readBlockHeader } from "../lib/scpi/mod.ts";

/** What became of the bytes: they were too few, or no such answer, or enough, and these were left over. */
export type Taken = "more" | "invalid" | Uint8Array;

/** An answer that is waited for. */
export interface Answer {
  /** Takes what came. */
  push(bytes: Uint8Array): Taken;
  /** Resolves with the last byte; rejects when that will never come. */
  readonly complete: Promise<void>;
  /** Bytes that came of it. */
  readonly receivedBytes: number;
  /** The rest will not come. */
  fail(reason: unknown): void;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const longestLineBytes = 65_536;
const longestBlockBytes = 64 * 1024 * 1024;

/** One line of text, ended by a line feed. */
export class LineAnswer implements Answer {
  readonly #complete = Promise.withResolvers<void>();
  #text = "";

  /** The line without its end, one character for each byte (ISO 8859-1), so that garbage stays visible. */
  get text(): string {
    return this.#text;
  }

  get complete(): Promise<void> {
    return this.#complete.promise;
  }

  get receivedBytes(): number {
    return this.#text.length;
  }

  push(bytes: Uint8Array): Taken {
    const end = bytes.indexOf(lineFeed);
    for (const byte of end < 0 ? bytes : bytes.subarray(0, end)) this.#text += String.fromCharCode(byte);
    if (this.#text.length > longestLineBytes) return "invalid";
    if (end < 0) return "more";
    if (this.#text.endsWith("\r")) this.#text = this.#text.slice(0, -1);
    this.#complete.resolve();
    return bytes.subarray(end + 1);
  }

  fail(reason: unknown): void {
    this.#complete.reject(reason);
  }
}

/** A block whose header has arrived. */
export interface Block {
  /** Bytes, in all. */
  readonly length: number;
  /** Its bytes as they come. Errors when the line fails before the last one; cancelling it does not end the transfer. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** A definite-length block. The line is not read slower for a slow reader: what waits for him is bounded by its length. */
export class BlockAnswer implements Answer {
  readonly #opened = Promise.withResolvers<Block>();
  readonly #complete = Promise.withResolvers<void>();
  #header: Uint8Array = new Uint8Array();
  #received = 0;
  #missing = 0;
  #body: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;

  /** The block, once its header is there; or why there is none. */
  get opened(): Promise<Block> {
    return this.#opened.promise;
  }

  get complete(): Promise<void> {
    return this.#complete.promise;
  }

  get receivedBytes(): number {
    return this.#received;
  }

  push(bytes: Uint8Array): Taken {
    this.#received += bytes.length;
    return this.#missing > 0 ? this.#take(bytes) : this.#open(joined(this.#header, bytes));
  }

  /** Nobody wants it any more, but its bytes still come. */
  abandon(reason: unknown): void {
    this.#opened.reject(reason);
    this.#body?.error(reason);
    this.#body = undefined;
  }

  fail(reason: unknown): void {
    this.abandon(reason);
    this.#complete.reject(reason);
  }

  #open(bytes: Uint8Array): Taken {
    const header = readBlockHeader(bytes);
    if (header.type === "incomplete") {
      this.#header = bytes;
      return "more";
    }
    if (header.type === "invalid" || header.length > longestBlockBytes) return "invalid";
    this.#missing = header.length;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        this.#body = controller;
      },
      cancel: () => {
        this.#body = undefined;
      },
    });
    this.#opened.resolve({ length: header.length, body });
    return this.#take(bytes.subarray(header.headerBytes));
  }

  #take(bytes: Uint8Array): Taken {
    const part = bytes.slice(0, this.#missing);
    if (part.length > 0) this.#body?.enqueue(part);
    this.#missing -= part.length;
    if (this.#missing > 0) return "more";
    this.#body?.close();
    this.#body = undefined;
    this.#complete.resolve();
    return bytes.subarray(part.length);
  }
}

/** Without the line ends at its beginning. */
export function withoutLineEnds(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== lineFeed && byte !== carriageReturn);
  return start < 0 ? new Uint8Array() : bytes.subarray(start);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

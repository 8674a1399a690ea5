// Bytes in, lines out: takes a stream apart at line feeds, and never keeps more than its limit, whatever arrives.

/** What a splitter found. */
export type LineEvent =
  /** A line without its terminator, one character for each byte (ISO 8859-1), so that garbage stays visible. */
  | { readonly type: "line"; readonly text: string }
  /** A line grew beyond the limit: what was kept is gone, and so is the rest of it up to its line feed. */
  | { readonly type: "overrun" };

const lineFeed = 0x0a;

/** Splits a stream of bytes at line feeds; one carriage return before each belongs to the terminator. */
export class LineSplitter {
  readonly #buffer: Uint8Array;
  #length = 0;
  #skipping = false;

  /** Keeps at most `limitBytes` of an unfinished line. */
  constructor(limitBytes: number) {
    this.#buffer = new Uint8Array(limitBytes);
  }

  /** Bytes of the line that has no end yet. */
  get pendingBytes(): number {
    return this.#length;
  }

  /** Takes the next bytes, which it does not keep a reference to. */
  push(bytes: Uint8Array): LineEvent[] {
    const events: LineEvent[] = [];
    let start = 0;
    while (start < bytes.length) {
      const end = bytes.indexOf(lineFeed, start);
      this.#append(bytes.subarray(start, end === -1 ? undefined : end), events);
      if (end === -1) break;
      this.#finish(events);
      start = end + 1;
    }
    return events;
  }

  /** Forgets the unfinished line. */
  clear(): void {
    this.#length = 0;
    this.#skipping = false;
  }

  #append(part: Uint8Array, events: LineEvent[]): void {
    if (this.#skipping) return;
    if (this.#length + part.length > this.#buffer.length) {
      this.#length = 0;
      this.#skipping = true;
      events.push({ type: "overrun" });
      return;
    }
    this.#buffer.set(part, this.#length);
    this.#length += part.length;
  }

  #finish(events: LineEvent[]): void {
    if (!this.#skipping) {
      const text = latin1(this.#buffer.subarray(0, this.#length));
      events.push({ type: "line", text: text.endsWith("\r") ? text.slice(0, -1) : text });
    }
    this.clear();
  }
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

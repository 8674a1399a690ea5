// What was accepted and is not in the database yet. A batch is appended to a file before anybody hears of it, at a small
// part of a commit's price, and stays there until the database has it: however the process ends, the next one finds it.

import { z } from "zod";
import { readings } from "../../protocol/mod.ts";
import type { Batch } from "./history.ts";

const { boot, first, items } = readings.shape;
const entry = z.strictObject({ accepted_ms: z.number(), station: z.string(), boot, first, items });

/** A batch, and when it was accepted, Unix milliseconds. */
export interface Entry extends Batch {
  readonly accepted_ms: number;
}

/** What an earlier process left in a journal. */
export interface Left {
  /** In the order in which they were accepted. */
  readonly entries: readonly Entry[];
  /** Lines that the disk has not kept as they were written. */
  readonly unreadable: number;
}

/** Entries in a file, one JSON line each. Every method throws the operating system's error when the file fails. */
export class Journal {
  readonly #file: Deno.FsFile | null;
  readonly #encoder = new TextEncoder();
  #buffer = new Uint8Array(1024);
  #length: number;

  /** Opens the file at `path`, or makes it; with null nothing is kept. */
  constructor(path: string | null) {
    this.#file = path === null ? null : Deno.openSync(path, { read: true, append: true, create: true });
    this.#length = this.#file?.statSync().size ?? 0;
  }

  /** Reads the file. A last line without an end is left out: its writer ended before it told anybody. */
  left(): Left {
    const lines = new TextDecoder().decode(this.#bytes()).split("\n").slice(0, -1);
    const entries = lines.map(parse).filter((entry) => entry !== null);
    return { entries, unreadable: lines.length - entries.length };
  }

  /** Writes an entry; nobody need know of it when this throws. */
  append(entry: Entry): void {
    if (this.#file === null) return;
    const line = JSON.stringify(entry) + "\n";
    // Three bytes are the most that a UTF-16 unit needs; a new array for each line would cost more than all the rest.
    if (this.#buffer.length < 3 * line.length) this.#buffer = new Uint8Array(3 * line.length);
    const length = this.#encoder.encodeInto(line, this.#buffer).written;
    this.#length += length;
    for (let written = 0; written < length;) {
      written += this.#file.writeSync(this.#buffer.subarray(written, length));
    }
  }

  /** Forgets every entry. */
  clear(): void {
    if (this.#length > 0) this.#file?.truncateSync();
    this.#length = 0;
  }

  /** Closes the file. */
  close(): void {
    this.#file?.close();
  }

  #bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#length);
    for (let read = 0; read < bytes.length;) {
      read += this.#file?.readSync(bytes.subarray(read)) ?? bytes.length;
    }
    return bytes;
  }
}

function parse(line: string): Entry | null {
  try {
    return entry.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

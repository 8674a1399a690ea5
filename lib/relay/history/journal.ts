// What was accepted, and how far the database has it. A batch is appended to a file before anybody hears of it, at a small
// part of a commit's price: however the process ends, the next one finds it, and sees whether the database has kept what
// it said it had.

import { z } from "zod";
import { readings } from "../../protocol/mod.ts";
import type { Batch } from "./history.ts";

const { boot, first, items } = readings.shape;
const entry = z.strictObject({ accepted_ms: z.number(), station: z.string(), boot, first, items });

const mark = z.strictObject({ stored: z.record(z.string(), z.int()) });

/** By module, the last sequence number that the database has. */
export type Marks = z.infer<typeof mark>["stored"];

/** A batch, and when it was accepted, Unix milliseconds. */
export interface Entry extends Batch {
  readonly accepted_ms: number;
}

/** What an earlier process left in a journal. */
export interface Left {
  /** In the order in which they were accepted; the database has some of them. */
  readonly entries: readonly Entry[];
  /** What the database had at last; null where the journal does not say. */
  readonly stored: Marks | null;
  /** Lines that the disk has not kept as they were written. */
  readonly unreadable: number;
  /** Whether the last line has no end. */
  readonly torn: boolean;
}

/** A longer journal, and a damaged one, is begun anew when the database has everything that is in it. */
const keptBytes = 256 * 1024;

/** Entries in a file, one JSON line each, and marks between them. Every method throws the operating system's error when the file fails. */
export class Journal {
  readonly #path: string | null;
  #file: Deno.FsFile | null;
  readonly #encoder = new TextEncoder();
  #buffer = new Uint8Array(1024);
  #length: number;
  #isDamaged = false;

  /** Opens the file at `path`, or makes it; with null nothing is kept. */
  constructor(path: string | null) {
    this.#path = path;
    this.#file = openAt(path);
    this.#length = this.#file?.statSync().size ?? 0;
  }

  /** Whether what is written into the file can be found again: it was not moved or deleted. */
  isThere(): boolean {
    return this.#path === null || inodeOf(this.#path) === this.#file?.statSync().ino;
  }

  /** Begins another file in the place of the one that is gone. */
  replace(): void {
    const gone = this.#file;
    this.#file = openAt(this.#path);
    this.#length = this.#file?.statSync().size ?? 0;
    gone?.close();
  }

  /** Reads the file. A last line without an end is left out: its writer ended before it told anybody. */
  left(): Left {
    const lines = new TextDecoder().decode(this.#bytes()).split("\n");
    const torn = lines.pop() !== "";
    const entries: Entry[] = [];
    let stored: Marks | null = null;
    let unreadable = 0;
    for (const line of lines) {
      const found = parse(line);
      if (found === null) unreadable += 1;
      else if ("stored" in found) stored = found.stored;
      else entries.push(found);
    }
    this.#isDamaged = torn || unreadable > 0;
    return { entries, stored, unreadable, torn };
  }

  /** Writes an entry; nobody need know of it when this throws. */
  append(entry: Entry): void {
    this.#write(entry);
  }

  /** The database has every entry, and of each module what `stored` says. */
  mark(stored: Marks): void {
    if (this.#isDamaged || this.#length > keptBytes) {
      this.#file?.truncateSync();
      this.#length = 0;
      this.#isDamaged = false;
    }
    this.#write({ stored });
  }

  /** Closes the file. */
  close(): void {
    this.#file?.close();
  }

  #write(content: Entry | z.infer<typeof mark>): void {
    if (this.#file === null) return;
    const line = JSON.stringify(content) + "\n";
    // Three bytes are the most that a UTF-16 unit needs; a new array for each line would cost more than all the rest.
    if (this.#buffer.length < 3 * line.length) this.#buffer = new Uint8Array(3 * line.length);
    const length = this.#encoder.encodeInto(line, this.#buffer).written;
    this.#length += length;
    for (let written = 0; written < length;) {
      written += this.#file.writeSync(this.#buffer.subarray(written, length));
    }
  }

  #bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#length);
    for (let read = 0; read < bytes.length;) {
      read += this.#file?.readSync(bytes.subarray(read)) ?? bytes.length;
    }
    return bytes;
  }
}

function openAt(path: string | null): Deno.FsFile | null {
  return path === null ? null : Deno.openSync(path, { read: true, append: true, create: true });
}

/** Names the file that is at `path` now; null: there is none. */
export function inodeOf(path: string): number | null {
  try {
    return Deno.statSync(path).ino;
  } catch {
    return null;
  }
}

const line = z.union([entry, mark]);

function parse(text: string): z.infer<typeof line> | null {
  try {
    return line.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

// The readings in one SQLite database: each reading once, numbered within its module's stream, found again by any
// sequence number in O(log n). Not here: what happens when the database fails (keeper.ts).

import { DatabaseSync, type StatementSync } from "node:sqlite";
import { type Data, formatCursor, type Reading } from "../../protocol/mod.ts";
import { Blocks } from "./blocks.ts";
import { Outages } from "./outages.ts";
import { insertReading, readingOf, readingSchema, rowOf, rows } from "./rows.ts";

// A checkpoint waits for the disk: at 4,000 pages (16 MB) instead of SQLite's 1,000 it does so a quarter as often.
const pragmas = `
  PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 4000;
`;

const schema = `
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS boot (
    station TEXT NOT NULL, boot TEXT NOT NULL, through INTEGER NOT NULL, stored_ms INTEGER NOT NULL,
    PRIMARY KEY (station, boot)) STRICT, WITHOUT ROWID;
`;

/** A message of an agent: readings with the sequence numbers `first`, `first + 1`, … of one boot of one station. */
export interface Batch {
  readonly station: string;
  readonly boot: string;
  readonly first: number;
  readonly items: readonly Reading[];
}

/** What became of a {@linkcode Batch}. */
export interface Stored {
  /** The readings that were new, in order, as viewers get them. */
  readonly fresh: readonly Data[];
  /** How many were stored before. */
  readonly duplicates: number;
  /** How many the agent has dropped before this batch: its sequence numbers jump. */
  readonly skipped: number;
  /** The last sequence number of the boot that is stored now. */
  readonly through: number;
}

/** What is stored of one run of a station's agent. */
interface Boot {
  readonly station: string;
  readonly boot: string;
  readonly through: number;
}

/** The sequence numbers that a module's stream holds; 0 and -1 around an empty one would lie, so there is none then. */
export interface Extent {
  readonly first: number;
  readonly last: number;
}

/** One history. Every method throws SQLite's own error when the database fails; nothing of a batch is stored then. */
export class History {
  /** Names this history in every cursor. */
  readonly epoch: string;
  /** Summaries of the readings. */
  readonly blocks: Blocks;
  /** What was wrong, and when. */
  readonly outages: Outages;
  readonly #database: DatabaseSync;
  readonly #extents = new Map<number, Extent>();
  readonly #boots = new Map<string, Boot>();
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #insert: StatementSync;
  readonly #after: StatementSync;
  readonly #backwards: StatementSync;
  readonly #ages: StatementSync;
  readonly #delete: StatementSync;
  readonly #through: StatementSync;
  readonly #setThrough: StatementSync;
  readonly #forgetBoots: StatementSync;

  /** Opens the database at `path`, or makes it; nobody else can open it meanwhile. */
  constructor(path: string, newEpoch: () => string) {
    const database = new DatabaseSync(path);
    this.#database = database;
    try {
      database.exec(pragmas);
      database.exec(schema + readingSchema);
      this.blocks = new Blocks(database);
      this.outages = new Outages(database);
      database.prepare("INSERT OR IGNORE INTO meta VALUES ('epoch', ?)").run(newEpoch());
      this.epoch = String(database.prepare("SELECT value FROM meta WHERE name = 'epoch'").get()?.["value"]);
      // One aggregate to a query: SQLite scans the whole table for two of them.
      const first = database.prepare("SELECT min(seq) AS seq FROM reading WHERE module = ?");
      const last = database.prepare("SELECT max(seq) AS seq FROM reading WHERE module = ?");
      for (let module = 1; module <= 20; module++) {
        const [from, to] = [first.get(module)?.["seq"], last.get(module)?.["seq"]];
        if (typeof from === "number" && typeof to === "number") {
          this.#extents.set(module, { first: from, last: to });
        }
      }
      this.#begin = database.prepare("BEGIN IMMEDIATE");
      this.#commit = database.prepare("COMMIT");
      this.#insert = database.prepare(insertReading);
      this.#after = database.prepare(
        "SELECT * FROM reading WHERE module = ? AND seq > ? ORDER BY seq LIMIT ?",
      );
      this.#backwards = database.prepare(
        "SELECT * FROM reading WHERE module = ? AND seq <= ? ORDER BY seq DESC LIMIT ?",
      );
      this.#ages = database.prepare(
        "SELECT seq, timestamp FROM reading WHERE module = ? AND seq < ? ORDER BY seq LIMIT ?",
      );
      this.#delete = database.prepare("DELETE FROM reading WHERE module = ? AND seq <= ?");
      this.#through = database.prepare("SELECT through FROM boot WHERE station = ? AND boot = ?");
      this.#setThrough = database.prepare(
        "INSERT INTO boot VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET through = excluded.through, stored_ms = excluded.stored_ms",
      );
      this.#forgetBoots = database.prepare("DELETE FROM boot WHERE stored_ms < ?");
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** Modules that have a reading, ascending. */
  modules(): readonly number[] {
    return [...this.#extents.keys()].sort((a, b) => a - b);
  }

  /** What a module's stream holds; null where it has never held a reading. */
  extent(module: number): Extent | null {
    return this.#extents.get(module) ?? null;
  }

  /** How many readings are held. */
  count(): number {
    let count = 0;
    for (const { first, last } of this.#extents.values()) count += last - first + 1;
    return count;
  }

  /** Size of the database in bytes. */
  bytes(): number {
    const pages = Number(this.#database.prepare("PRAGMA page_count").get()?.["page_count"]);
    return pages * Number(this.#database.prepare("PRAGMA page_size").get()?.["page_size"]);
  }

  /** Stores what is new of a batch, in one transaction. */
  store(batch: Batch, nowMs: number): Stored {
    const stored = this.through(batch.station, batch.boot) ?? 0;
    const last = batch.first + batch.items.length - 1;
    if (last <= stored) return { fresh: [], duplicates: batch.items.length, skipped: 0, through: stored };
    const duplicates = Math.max(0, stored + 1 - batch.first);
    const fresh: Data[] = [];
    const ends = new Map<number, Extent>();
    this.#begin.run();
    try {
      for (const item of duplicates === 0 ? batch.items : batch.items.slice(duplicates)) {
        const extent = ends.get(item.module) ?? this.#extents.get(item.module) ?? { first: 1, last: 0 };
        const seq = extent.last + 1;
        ends.set(item.module, { first: extent.first, last: seq });
        this.#insert.run(...rowOf(item, seq));
        fresh.push(this.#data(item, seq));
      }
      this.#setThrough.run(batch.station, batch.boot, last, Math.floor(nowMs));
      this.#commit.run();
    } catch (error) {
      this.#rollBack();
      throw error;
    }
    for (const [module, extent] of ends) this.#extents.set(module, extent);
    this.#know(batch.station, batch.boot, last);
    return { fresh, duplicates, skipped: Math.max(0, batch.first - stored - 1), through: last };
  }

  /** The last sequence number stored for a boot; null where none is. */
  through(station: string, boot: string): number | null {
    const known = this.#boots.get(station);
    if (known?.boot === boot) return known.through;
    const through = this.#through.get(station, boot)?.["through"];
    if (typeof through !== "number") return null;
    this.#know(station, boot, through);
    return through;
  }

  /** Remembers what another history has stored of each station's boot, so that a resent batch is known here too. */
  adopt(other: History, nowMs: number): void {
    for (const { station, boot, through } of other.#boots.values()) {
      this.#setThrough.run(station, boot, through, Math.floor(nowMs));
      this.#know(station, boot, through);
    }
  }

  /** Readings after `seq`, oldest first, at most `limit`. */
  after(module: number, seq: number, limit: number): Data[] {
    return Array.from(
      rows(this.#after.all(module, seq, limit)),
      (row) => this.#data(readingOf(row), row.seq),
    );
  }

  /** The newest readings, oldest first, at most `limit`. */
  newest(module: number, limit: number): Data[] {
    const last = this.#extents.get(module)?.last ?? 0;
    return Array.from(
      rows(this.#backwards.all(module, last, limit)),
      (row) => this.#data(readingOf(row), row.seq),
    ).reverse();
  }

  /** Readings from `sinceS` (Unix seconds) to the newest, oldest first, at most the newest `limit`. */
  recent(module: number, sinceS: number, limit: number): Data[] {
    const found: Data[] = [];
    for (const row of rows(this.#backwards.iterate(module, this.#extents.get(module)?.last ?? 0, limit))) {
      const data = this.#data(readingOf(row), row.seq);
      if (data.timestamp < sinceS) break;
      found.push(data);
    }
    return found.reverse();
  }

  /**
   * Deletes readings older than `ageMs`, at most `limit` of each module, but never a stream's newest: from it the
   * numbering goes on after a restart. A timestamp further ahead than that age is a wrong clock's, and goes too.
   */
  prune(nowMs: number, ageMs: number, limit: number): number {
    let deleted = 0;
    for (const [module, { first, last }] of this.#extents) {
      let keep = first;
      for (const { seq, timestamp } of this.#ages.iterate(module, last, limit)) {
        if (Math.abs(nowMs - Number(timestamp) * 1000) <= ageMs) break;
        keep = Number(seq) + 1;
      }
      if (keep === first) continue;
      this.#delete.run(module, keep - 1);
      this.#extents.set(module, { first: keep, last });
      deleted += keep - first;
    }
    this.#forgetBoots.run(Math.floor(nowMs - Math.max(ageMs, bootMemoryMs)));
    return deleted;
  }

  /** Sums up what has become whole blocks, some of them at a time. */
  summarize(): void {
    for (const [module, extent] of this.#extents) this.blocks.build(module, extent);
  }

  /** Closes the database; what was stored is on disk. */
  close(): void {
    this.#database.close();
  }

  #know(station: string, boot: string, through: number): void {
    this.#boots.set(station, { station, boot, through });
  }

  #data(item: Reading, seq: number): Data {
    return { type: "data", ...item, cursor: formatCursor({ epoch: this.epoch, seq }) };
  }

  #rollBack(): void {
    try {
      this.#database.exec("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself after the error that is about to be thrown.
    }
  }
}

// An agent that comes back after this long with a batch that was stored before would store it again.
const bootMemoryMs = 7 * 24 * 3600 * 1000;

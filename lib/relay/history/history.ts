// The readings in one SQLite database: each reading once, numbered within its module's stream, found again by any
// sequence number in O(log n). What is stored goes into a journal at once, and into the database with many others: when
// there are enough, when somebody reads, and once a second. Not here: what happens when the database fails (keeper.ts).

import { DatabaseSync, type StatementSync } from "node:sqlite";
import { type Data, formatCursor, type Reading } from "../../protocol/mod.ts";
import { Ages } from "./ages.ts";
import { Blocks } from "./blocks.ts";
import { type Boot, Boots } from "./boots.ts";
import { type Extent, Extents } from "./extents.ts";
import { Journal } from "./journal.ts";
import { Outages } from "./outages.ts";
import { insertReading, readingOf, readingSchema, rowOf, rows } from "./rows.ts";

const pragmas = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL";

const schema = `
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
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

interface Numbered {
  readonly item: Reading;
  readonly seq: number;
}

/** So many readings go into the database without waiting for more: less than a millisecond. */
const together = 128;

/** One history. Every method throws the error of SQLite or of the journal that fails; nothing of a batch is stored then. */
export class History {
  /** What was wrong, and when. */
  readonly outages: Outages;
  /** Lines of the journal that were lost, with the readings in them. */
  readonly unreadable: number;
  /** Whether readings that were given out are lost, or may be: a new epoch has begun, so that no cursor names two readings. */
  readonly renewed: boolean;
  #epoch: string;
  readonly #database: DatabaseSync;
  readonly #journal: Journal;
  readonly #blocks: Blocks;
  /** What the journal holds and the database does not. */
  readonly #accepted: Numbered[] = [];
  readonly #extents: Extents;
  readonly #boots: Boots;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #insert: StatementSync;
  readonly #after: StatementSync;
  readonly #backwards: StatementSync;
  readonly #ages: Ages;
  readonly #delete: StatementSync;

  /** Opens the database at `path` and the journal beside it, or makes them; nobody else can open it meanwhile. */
  constructor(path: string, newEpoch: () => string) {
    using opened = new DisposableStack();
    const database = opened.adopt(new DatabaseSync(path), (database) => database.close());
    this.#database = database;
    database.exec(pragmas);
    database.exec(schema + readingSchema);
    this.#blocks = new Blocks(database);
    this.#ages = new Ages(database);
    this.#boots = new Boots(database);
    this.outages = new Outages(database);
    const begun = database.prepare("INSERT OR IGNORE INTO meta VALUES ('epoch', ?)").run(newEpoch());
    this.#epoch = String(database.prepare("SELECT value FROM meta WHERE name = 'epoch'").get()?.["value"]);
    this.#extents = new Extents(database);
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
    this.#insert = database.prepare(insertReading);
    this.#after = database.prepare(
      "SELECT * FROM reading WHERE module = ? AND seq > ? ORDER BY seq LIMIT ?",
    );
    this.#backwards = database.prepare(
      "SELECT * FROM reading WHERE module = ? AND seq <= ? ORDER BY seq DESC LIMIT ?",
    );
    this.#delete = database.prepare("DELETE FROM reading WHERE module = ? AND seq <= ?");
    this.#journal = opened.adopt(
      new Journal(path === ":memory:" ? null : `${path}-accepted`),
      (journal) => journal.close(),
    );
    const isNew = this.#extents.count() === 0;
    const { entries, stored, unreadable, torn } = this.#journal.left();
    for (const entry of entries) {
      this.#accept(entry, this.#boots.of(entry.station, entry.boot), entry.accepted_ms);
    }
    const isDamaged = unreadable > 0 || torn;
    // a journal of a database that is gone names readings of its epoch
    const isKept = stored === null ? isNew : begun.changes === 0 && this.#extents.reach(stored);
    this.renewed = path !== ":memory:" && (!isKept || (isDamaged && !isNew));
    if (this.renewed) {
      this.#epoch = newEpoch();
      database.prepare("UPDATE meta SET value = ? WHERE name = 'epoch'").run(this.#epoch);
    }
    this.unreadable = unreadable;
    this.flush();
    if (isDamaged || this.renewed) this.#mark();
    opened.move();
  }

  /** Names this history in every cursor. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Summaries of the readings. */
  get blocks(): Blocks {
    this.flush();
    return this.#blocks;
  }

  /** What a module's stream holds; null where it has never held a reading. */
  extent(module: number): Extent | null {
    return this.#extents.of(module);
  }

  /** How many readings are held. */
  count(): number {
    return this.#extents.count();
  }

  /** Size of the database in bytes. */
  bytes(): number {
    const pages = Number(this.#database.prepare("PRAGMA page_count").get()?.["page_count"]);
    return pages * Number(this.#database.prepare("PRAGMA page_size").get()?.["page_size"]);
  }

  /** Stores what is new of a batch: the end of this process does not lose it any more. */
  store(batch: Batch, nowMs: number): Stored {
    if (this.#accepted.length >= together) this.flush();
    const boot = this.#boots.of(batch.station, batch.boot);
    if (lastOf(batch) > (boot.through ?? 0)) this.#journal.append({ accepted_ms: nowMs, ...batch });
    return this.#accept(batch, boot, nowMs);
  }

  /** Puts into the database what is in the journal alone, in one transaction. */
  flush(): void {
    if (!this.#boots.changed) return;
    this.#begin.run();
    try {
      for (const { item, seq } of this.#accepted) this.#insert.run(...rowOf(item, seq));
      this.#boots.write();
      this.#commit.run();
    } catch (error) {
      this.#rollBack();
      throw error;
    }
    this.#accepted.length = 0;
    this.#boots.written();
    this.#mark();
  }

  /** Begins another journal where the file of this one is gone, and says so; the database has everything by then. */
  restoreJournal(): boolean {
    if (this.#journal.isThere()) return false;
    this.#journal.replace();
    this.flush();
    this.#mark();
    return true;
  }

  /** The last sequence number stored for a boot; null where none is. */
  through(station: string, boot: string): number | null {
    return this.#boots.of(station, boot).through;
  }

  /** Remembers what another history has stored of each station's boot, so that a resent batch is known here too. */
  adopt(other: History): void {
    this.#boots.adopt(other.#boots);
  }

  /** Readings after `seq`, oldest first, at most `limit`. */
  after(module: number, seq: number, limit: number): Data[] {
    this.flush();
    return Array.from(
      rows(this.#after.all(module, seq, limit)),
      (row) => this.#data(readingOf(row), row.seq),
    );
  }

  /** The newest readings, oldest first, at most `limit`. */
  newest(module: number, limit: number): Data[] {
    this.flush();
    const last = this.#extents.lastOf(module);
    return Array.from(
      rows(this.#backwards.all(module, last, limit)),
      (row) => this.#data(readingOf(row), row.seq),
    ).reverse();
  }

  /** Readings from `sinceS` (Unix seconds) to the newest, oldest first, at most the newest `limit`. */
  recent(module: number, sinceS: number, limit: number): Data[] {
    this.flush();
    const found: Data[] = [];
    for (const row of rows(this.#backwards.iterate(module, this.#extents.lastOf(module), limit))) {
      const data = this.#data(readingOf(row), row.seq);
      if (data.timestamp < sinceS) break;
      found.push(data);
    }
    return found.reverse();
  }

  /** Deletes readings that are older than `ageMs` ({@linkcode Ages}), at most `limit` of each module; returns how many. */
  prune(nowMs: number, ageMs: number, limit: number): number {
    this.flush();
    let deleted = 0;
    for (const [module, extent] of this.#extents) {
      const keep = this.#ages.keepFrom(module, extent, nowMs, ageMs, limit);
      if (keep === extent.first) continue;
      this.#delete.run(module, keep - 1);
      this.#blocks.forget(module, keep);
      this.#extents.begin(module, keep);
      deleted += keep - extent.first;
    }
    this.#boots.forget(nowMs, ageMs);
    return deleted;
  }

  /** Sums up what has become whole blocks, some of them at a time. */
  summarize(): void {
    for (const [module, extent] of this.#extents) this.blocks.build(module, extent);
  }

  /** Closes the database and the journal; what is in the journal alone stays there. */
  close(): void {
    this.#journal.close();
    this.#database.close();
  }

  #mark(): void {
    this.#journal.mark(this.#extents.marks());
  }

  #accept(batch: Batch, boot: Boot, nowMs: number): Stored {
    const { first, items } = batch;
    const stored = boot.through ?? 0;
    const last = lastOf(batch);
    if (last <= stored) return { fresh: [], duplicates: items.length, skipped: 0, through: stored };
    const duplicates = Math.max(0, stored + 1 - first);
    const fresh: Data[] = [];
    for (const item of duplicates === 0 ? items : items.slice(duplicates)) {
      const seq = this.#extents.extend(item.module);
      this.#accepted.push({ item, seq });
      fresh.push(this.#data(item, seq));
    }
    this.#boots.advance(boot, last, nowMs);
    return { fresh, duplicates, skipped: Math.max(0, first - stored - 1), through: last };
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

function lastOf({ first, items }: Batch): number {
  return first + items.length - 1;
}

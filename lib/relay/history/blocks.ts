// Summaries of 128 readings each, kept beside them in the database, so that a day can be drawn without reading it. Each
// block is made once, when it is complete; silences between readings are noted at the same time. Not here: columns of a
// plot (envelope.ts), and why it was silent (outages.ts).

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { z } from "zod";
import type { Extent } from "./extents.ts";

/** Readings of a block. */
export const blockSize = 128;
/** As many blocks are made in one go: some 4,000 readings, a few milliseconds. */
const blocksAtOnce = 32;
/** Readings further apart than this have a silence between them: the time after which an agent is called silent. */
export const silenceS = 3;

const schema = `
  CREATE TABLE IF NOT EXISTS block (
    module INTEGER NOT NULL, block INTEGER NOT NULL, milliwatt INTEGER NOT NULL,
    first_s REAL NOT NULL, last_s REAL NOT NULL, last_seq INTEGER NOT NULL,
    min1 REAL, min2 REAL, min3 REAL, min4 REAL, max1 REAL, max2 REAL, max3 REAL, max4 REAL,
    PRIMARY KEY (module, block, milliwatt)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS silence (
    module INTEGER NOT NULL, seq INTEGER NOT NULL, from_s REAL NOT NULL, to_s REAL NOT NULL,
    PRIMARY KEY (module, seq)) STRICT, WITHOUT ROWID;
`;

const extremes = (min: string, max: string) =>
  [1, 2, 3, 4].map((n) => `min(${min}${n}) AS min${n}`).join() + "," +
  [1, 2, 3, 4].map((n) => `max(${max}${n}) AS max${n}`).join();

const silences = `
  SELECT seq, before AS from_s, timestamp AS to_s FROM (
    SELECT seq, timestamp, lag(timestamp) OVER (ORDER BY seq) AS before FROM reading
    WHERE module = :module AND seq BETWEEN :first AND :last)
  WHERE timestamp - before > ${silenceS}`;

/** With the powers of each column's last reading. */
const columnsOf = (groups: string) => `
  SELECT g.*, ch1 AS last1, ch2 AS last2, ch3 AS last3, ch4 AS last4
  FROM (${groups} GROUP BY 1, 2) AS g LEFT JOIN reading ON module = :module AND seq = g.last_seq`;

const inRange = "module = :module AND last_s >= :from AND first_s < :to";

const power = z.number().nullable();

const column = z.object({
  at: z.number(),
  milliwatt: z.number(),
  last_seq: z.number(),
  ...{ min1: power, min2: power, min3: power, min4: power },
  ...{ max1: power, max2: power, max3: power, max4: power },
  ...{ last1: power, last2: power, last3: power, last4: power },
});

/** What a stretch of readings in one unit puts into a column; `at` is the column's number from 0. */
export type ColumnPart = z.infer<typeof column>;

/** The columns of a plot: `width` seconds each, from `from` to before `to`, Unix seconds. */
export interface ColumnRange {
  readonly module: number;
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

/** From one reading's time to the next one's, Unix seconds. */
export interface Silence {
  readonly from: number;
  readonly to: number;
}

/** The summaries of one history. */
export class Blocks {
  readonly #end: StatementSync;
  readonly #build: StatementSync;
  readonly #note: StatementSync;
  readonly #forget: StatementSync;
  readonly #forgetSilences: StatementSync;
  readonly #narrow: StatementSync;
  readonly #wide: StatementSync;
  readonly #bounds: StatementSync;
  readonly #rows: StatementSync;
  readonly #silences: StatementSync;
  readonly #between: StatementSync;
  readonly #database: DatabaseSync;

  /** Adds its tables to the history's database. */
  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(schema);
    this.#end = database.prepare("SELECT max(block) + 1 AS next FROM block WHERE module = ?");
    this.#build = database.prepare(`
      INSERT OR REPLACE INTO block SELECT module, seq / ${blockSize}, milliwatt, min(timestamp), max(timestamp),
        max(seq), ${extremes("ch", "ch")} FROM reading WHERE module = :module AND seq BETWEEN :first AND :last
      GROUP BY 1, 2, 3`);
    this.#note = database.prepare(
      `INSERT OR REPLACE INTO silence SELECT :module, seq, from_s, to_s FROM (${silences})`,
    );
    this.#forget = database.prepare("DELETE FROM block WHERE module = ? AND block <= ?");
    this.#forgetSilences = database.prepare("DELETE FROM silence WHERE module = ? AND seq <= ?");
    this.#narrow = database.prepare(columnsOf(`
      SELECT max(0, CAST((first_s - :from) / :width AS INTEGER)) AS at, milliwatt, max(last_seq) AS last_seq,
        ${extremes("min", "max")} FROM block WHERE ${inRange} AND last_s - first_s <= :width`));
    this.#wide = database.prepare(
      `SELECT DISTINCT block FROM block WHERE ${inRange} AND last_s - first_s > :width ORDER BY block DESC LIMIT :most`,
    );
    this.#bounds = database.prepare(
      `SELECT min(block) AS first, max(block) AS last FROM block WHERE ${inRange}`,
    );
    this.#rows = database.prepare(columnsOf(`
      SELECT CAST((timestamp - :from) / :width AS INTEGER) AS at, milliwatt, max(seq) AS last_seq,
        ${extremes("ch", "ch")} FROM reading
      WHERE module = :module AND seq BETWEEN :first AND :last AND timestamp >= :from AND timestamp < :to`));
    this.#silences = database.prepare(
      "SELECT from_s, to_s FROM silence WHERE module = :module AND to_s > :from AND from_s < :to ORDER BY seq DESC LIMIT 1000",
    );
    this.#between = database.prepare(silences);
  }

  /** Makes blocks of what is complete, at most 32; false when there is nothing left to do. */
  build(module: number, { first, last }: Extent): boolean {
    const next = Math.max(this.#next(module), Math.floor(first / blockSize));
    const end = Math.min(Math.floor((last + 1) / blockSize), next + blocksAtOnce);
    if (end <= next) return false;
    const range = { module, first: next * blockSize, last: end * blockSize - 1 };
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      this.#build.run(range);
      this.#note.run({ ...range, first: range.first - 1 });
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
    return true;
  }

  /** Forgets what came before `first`; the block that it stands in is made anew from what is left. */
  forget(module: number, first: number): void {
    const block = Math.floor(first / blockSize);
    const next = this.#next(module);
    this.#forget.run(module, block);
    this.#forgetSilences.run(module, first);
    if (block < next) this.#build.run({ module, first, last: (block + 1) * blockSize - 1 });
  }

  /** The first sequence number that is in no block yet. */
  unsummed(module: number): number {
    return this.#next(module) * blockSize;
  }

  /** The columns of all blocks that are not longer than one. */
  narrow(range: ColumnRange): ColumnPart[] {
    return this.#narrow.all({ ...range }).map((row) => column.parse(row));
  }

  /** The blocks that are longer than a column, newest first: time has room for as many as there are columns. */
  wide(range: ColumnRange): number[] {
    const most = Math.ceil((range.to - range.from) / range.width) + 2;
    return this.#wide.all({ ...range, most }).map(({ block }) => Number(block));
  }

  /** The columns of the readings `first` to `last`. */
  rows(range: ColumnRange, first: number, last: number): ColumnPart[] {
    return this.#rows.all({ ...range, first, last }).map((row) => column.parse(row));
  }

  /** The sequence numbers between which all of a range's readings are that stand in blocks; null where none does. */
  bounds({ module, from, to }: Omit<ColumnRange, "width">): Extent | null {
    const { first, last } = this.#bounds.get({ module, from, to }) ?? {};
    return typeof first === "number" && typeof last === "number"
      ? { first: first * blockSize, last: (last + 1) * blockSize - 1 }
      : null;
  }

  /** The silences of a range, the newest 1,000 at most. `last` is the newest reading. */
  silences({ module, from, to }: Omit<ColumnRange, "width">, last: number): Silence[] {
    const tail = { module, first: this.unsummed(module) - 1, last };
    return [
      ...this.#silences.all({ module, from, to }).reverse(),
      ...this.#between.all(tail).filter(({ from_s, to_s }) => Number(to_s) > from && Number(from_s) < to),
    ].map(({ from_s, to_s }) => ({ from: Number(from_s), to: Number(to_s) }));
  }

  #next(module: number): number {
    return Number(this.#end.get(module)?.["next"] ?? 0);
  }
}

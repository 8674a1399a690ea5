// The spool in a SQLite file: what is not acknowledged outlives the process, under the boot that read it. The relay
// wants a hello for each boot, so readings of earlier runs go up first, boot by boot.

import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { type Reading, reading as readingSchema } from "../lib/protocol/mod.ts";
import type { Batch, Spool } from "./spool.ts";

// Rows are few and short-lived: NORMAL loses at most the last moments when the power fails, and nothing when the
// process is killed. EXCLUSIVE: a second agent on the same folder is told, instead of mixing its readings in.
const schema = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS boots (id INTEGER PRIMARY KEY, boot TEXT NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS readings (
    boot_id INTEGER NOT NULL, seq INTEGER NOT NULL, reading TEXT NOT NULL, PRIMARY KEY (boot_id, seq)
  ) WITHOUT ROWID;
`;

/**
 * A spool in `folder`, made where it does not exist, for the run `boot`, of at most `limit` readings.
 * @throws {Error} where the file cannot be opened, is no spool, or another agent has it.
 */
export function fileSpool(folder: string, boot: string, limit: number): Spool {
  const db = open(folder);
  const insertBoot = db.prepare("INSERT INTO boots (boot) VALUES (?)");
  const insert = db.prepare("INSERT INTO readings VALUES (?, ?, ?)");
  const findBoot = db.prepare("SELECT id FROM boots WHERE boot = ?");
  const oldest = db.prepare(
    "SELECT boot FROM boots WHERE id = (SELECT min(boot_id) FROM readings WHERE (boot_id, seq) > (?, ?))",
  );
  const select = db.prepare(`SELECT seq, reading FROM readings
    WHERE boot_id = (SELECT id FROM boots WHERE boot = ?) AND seq > ? ORDER BY seq LIMIT ?`);
  const count = db.prepare(
    "SELECT count(*) AS count FROM readings WHERE (boot_id, seq) > (?, ?) AND (boot_id, seq) <= (?, ?)",
  );
  const deleteReadings = db.prepare("DELETE FROM readings WHERE (boot_id, seq) <= (?, ?)");
  const deleteBoots = db.prepare("DELETE FROM boots WHERE id < ?");
  const dropOldest = db.prepare(`DELETE FROM readings WHERE (boot_id, seq) =
    (SELECT boot_id, seq FROM readings WHERE (boot_id, seq) > (?, ?) ORDER BY boot_id, seq LIMIT 1)`);
  // Nothing is written before the first reading: a disk that is full then can still be read.
  let bootId: number | undefined;
  let held = Number(db.prepare("SELECT count(*) AS held FROM readings").get()?.held ?? 0);
  let seq = 0;
  let dropped = 0;
  /** The last reading that is acknowledged: a boot's id and a sequence number. */
  let done: readonly [bootId: number, seq: number] = [0, 0];
  return {
    append(reading) {
      bootId ??= Number(insertBoot.run(boot).lastInsertRowid);
      insert.run(bootId, seq + 1, JSON.stringify(reading));
      seq++;
      held++;
      while (held > limit) {
        dropOldest.run(...done);
        held--;
        dropped++;
      }
    },
    currentBoot: () => String(oldest.get(...done)?.boot ?? boot),
    batch: (of, after, most) => withoutGap(select.all(of, after, most)),
    acknowledge(of, through) {
      // What follows may have been kept elsewhere meanwhile.
      if (of === boot) seq = Math.max(seq, through);
      const upTo = [Number(findBoot.get(of)?.id ?? 0), through] as const;
      const acknowledged = Number(count.get(...done, ...upTo)?.count);
      if (acknowledged === 0) return;
      held -= acknowledged;
      done = upTo;
      try {
        deleteReadings.run(...done);
        deleteBoots.run(done[0]);
      } catch {
        // A full disk deletes nothing. They go with the next ones; the relay knows them if they are sent again.
      }
    },
    get held() {
      return held;
    },
    get dropped() {
      return dropped;
    },
    close: () => db.close(),
  };
}

function open(folder: string): DatabaseSync {
  const path = `${folder}/spool.sqlite`;
  try {
    Deno.mkdirSync(folder, { recursive: true });
    const db = new DatabaseSync(path);
    db.exec(schema);
    return db;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `Cannot keep readings in ${path}: ${reason}. Check SPOOL_DIR, and that no other agent uses it.`,
    );
  }
}

function withoutGap(rows: readonly Record<string, SQLOutputValue>[]): Batch | undefined {
  const first = Number(rows[0]?.seq);
  const items: Reading[] = [];
  for (const { seq, reading } of rows) {
    if (seq !== first + items.length) break;
    items.push(readingSchema.parse(JSON.parse(String(reading))));
  }
  return items.length === 0 ? undefined : { first, items };
}

// The spool in a SQLite file: what is not acknowledged outlives the process, under the boot that read it. The relay
// wants a hello for each boot, so readings of earlier runs go up first, boot by boot.

import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import type { Logger } from "../lib/process/mod.ts";
import { type Reading, reading as readingSchema } from "../lib/protocol/mod.ts";
import type { Batch, Spool } from "./spool.ts";

const fileName = "spool.sqlite";

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
 * A spool in `folder`, made where it does not exist, for the run `boot`, of at most `limit` readings, or the last one
 * of each run where those are more.
 * @throws {Error} where the file cannot be opened, is no spool, or another agent has it.
 */
export function fileSpool(folder: string, boot: string, limit: number, log: Logger): Spool {
  const db = open(folder, boot, log);
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
  const deleteReading = db.prepare(
    "DELETE FROM readings WHERE boot_id = (SELECT id FROM boots WHERE boot = ?) AND seq = ?",
  );
  // The last reading of each run stays: by its number the relay knows how many are missing before it.
  const dropOldest = db.prepare(`DELETE FROM readings WHERE (boot_id, seq) =
    (SELECT boot_id, seq FROM readings AS old WHERE (boot_id, seq) > (?, ?)
      AND EXISTS (SELECT 1 FROM readings WHERE boot_id = old.boot_id AND seq > old.seq)
      ORDER BY boot_id, seq LIMIT 1)`);
  // Nothing is written before the first reading: a disk that is full then can still be read.
  let bootId: number | undefined;
  let held = Number(db.prepare("SELECT count(*) AS held FROM readings").get()?.held ?? 0);
  let seq = 0;
  let dropped = 0;
  /** The last reading that is acknowledged: a boot's id and a sequence number. */
  let done: readonly [bootId: number, seq: number] = [0, 0];
  const batch = (of: string, after: number, most: number): Batch | undefined => {
    const { first, items, unreadable } = withoutGap(select.all(of, after, most));
    if (unreadable.length > 0) {
      for (const lost of unreadable) deleteReading.run(of, lost);
      held -= unreadable.length;
      dropped += unreadable.length;
      log.error("unreadable readings in SPOOL_DIR are lost", { boot: of, sequence_numbers: unreadable });
    }
    if (items.length > 0) return { first, items };
    return unreadable.length > 0 ? batch(of, after, most) : undefined;
  };
  return {
    append(reading) {
      bootId ??= Number(insertBoot.run(boot).lastInsertRowid);
      insert.run(bootId, seq + 1, JSON.stringify(reading));
      seq++;
      held++;
      while (held > limit && dropOldest.run(...done).changes > 0) {
        held--;
        dropped++;
      }
    },
    currentBoot: () => String(oldest.get(...done)?.boot ?? boot),
    batch,
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

function open(folder: string, boot: string, log: Logger): DatabaseSync {
  const path = `${folder}/${fileName}`;
  try {
    Deno.mkdirSync(folder, { recursive: true });
    try {
      return openFile(path);
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      const aside = `${fileName}.corrupt-${boot}`;
      setAside(path, `${folder}/${aside}`);
      log.error("the spool is corrupt: set aside, a new one begins", {
        reason: error.message,
        kept_as: aside,
      });
      return openFile(path);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `Cannot keep readings in ${path}: ${reason}. Check SPOOL_DIR, and that no other agent uses it.`,
    );
  }
}

function openFile(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    db.exec(schema);
    const found = db.prepare("PRAGMA quick_check(1)").get()?.quick_check;
    if (found !== "ok") throw new Error(`malformed: ${found}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function setAside(path: string, aside: string): void {
  for (const suffix of ["", "-wal"]) {
    try {
      Deno.renameSync(path + suffix, aside + suffix);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

// node:sqlite gives no result code but in the message (Deno 2.9.6).
function isCorrupt(error: unknown): error is Error {
  return error instanceof Error && /not a database|malformed|unsupported file format/.test(error.message);
}

/** The readings before the first gap, with the number of the first, and the numbers of those that cannot be read. */
function withoutGap(rows: readonly Record<string, SQLOutputValue>[]): Batch & { unreadable: number[] } {
  let first = 0;
  const items: Reading[] = [];
  const unreadable: number[] = [];
  for (const row of rows) {
    const seq = Number(row.seq);
    if (items.length > 0 && seq !== first + items.length) break;
    const reading = readingIn(String(row.reading));
    if (reading === undefined) unreadable.push(seq);
    else if (items.push(reading) === 1) first = seq;
  }
  return { first, items, unreadable };
}

function readingIn(text: string): Reading | undefined {
  try {
    return readingSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

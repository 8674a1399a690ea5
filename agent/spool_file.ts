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
  DELETE FROM boots WHERE id NOT IN (SELECT DISTINCT boot_id FROM readings);
`;

/**
 * A spool in `folder`, made where it does not exist, for the run `boot`, of at most `limit` readings.
 * @throws {Error} where the file cannot be opened, is no spool, or another agent has it.
 */
export function fileSpool(folder: string, boot: string, limit: number): Spool {
  const db = open(folder);
  const insertBoot = db.prepare("INSERT INTO boots (boot) VALUES (?)");
  const bootId = Number(insertBoot.run(boot).lastInsertRowid);
  const insert = db.prepare("INSERT INTO readings VALUES (?, ?, ?)");
  const oldest = db.prepare("SELECT boot FROM boots WHERE id = (SELECT min(boot_id) FROM readings)");
  const select = db.prepare(`SELECT seq, reading FROM readings
    WHERE boot_id = (SELECT id FROM boots WHERE boot = ?) AND seq > ? ORDER BY seq LIMIT ?`);
  const acknowledge = db.prepare(
    "DELETE FROM readings WHERE boot_id = (SELECT id FROM boots WHERE boot = ?) AND seq <= ?",
  );
  const dropOldest = db.prepare(`DELETE FROM readings WHERE (boot_id, seq) =
    (SELECT boot_id, seq FROM readings ORDER BY boot_id, seq LIMIT 1)`);
  let held = Number(db.prepare("SELECT count(*) AS held FROM readings").get()?.held ?? 0);
  let seq = 0;
  let dropped = 0;
  const dropBeyondLimit = () => {
    while (held > limit) {
      dropOldest.run();
      held--;
      dropped++;
    }
  };
  dropBeyondLimit();
  return {
    append(reading) {
      insert.run(bootId, ++seq, JSON.stringify(reading));
      held++;
      dropBeyondLimit();
    },
    currentBoot: () => String(oldest.get()?.boot ?? boot),
    batch: (of, after, most) => withoutGap(select.all(of, after, most)),
    acknowledge(of, through) {
      held -= Number(acknowledge.run(of, through).changes);
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

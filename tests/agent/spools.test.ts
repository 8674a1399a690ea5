// A spool in a file with memory behind it, on a disk that is full, and on one that fails.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { type Batch, memorySpool, type Spool } from "../../agent/spool.ts";
import { fileSpool } from "../../agent/spool_file.ts";
import { openSpool, withMemoryBehind } from "../../agent/spools.ts";
import { keptLog } from "../lib/relay/support.ts";
import { readingNumber } from "./readings.ts";
import { boot, fill, folder } from "./spool_support.ts";

const numbers = (batch: Batch | undefined) => batch?.items.map((_, i) => batch.first + i);

/** From now on the file in `folder` refuses, as a full disk would, to insert readings where `full` is true, and to delete. */
function fillDisk(folder: string, full: string): void {
  fileSpool(folder, "boot0000", 1, keptLog()).close();
  using db = new DatabaseSync(`${folder}/spool.sqlite`);
  const refuse = "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END";
  db.exec(`CREATE TRIGGER no_insert BEFORE INSERT ON readings WHEN ${full} ${refuse};
    CREATE TRIGGER no_delete BEFORE DELETE ON readings ${refuse};`);
}

function makeRoom(folder: string): void {
  using db = new DatabaseSync(`${folder}/spool.sqlite`);
  db.exec("DROP TRIGGER no_insert; DROP TRIGGER no_delete");
}

Deno.test("full disk - what the file holds comes first, and what it does not take follows from memory", () => {
  using dir = folder();
  fillDisk(dir.path, "NEW.seq > 3");
  const log = keptLog();
  const spool = openSpool(dir.path, boot, 100, log);
  fill(spool, 1, 5);
  assert.deepEqual([spool.held, spool.dropped], [5, 0]);
  assert.deepEqual(spool.batch(boot, 0, 10), { first: 1, items: [1, 2, 3].map(readingNumber) });
  assert.deepEqual(spool.batch(boot, 3, 10), { first: 4, items: [4, 5].map(readingNumber) });
  assert.deepEqual(log.lines.map(({ level, message }) => [level, message]), [
    ["error", "SPOOL_DIR takes no more readings: they are in memory, and lost if the agent ends"],
  ]);
  spool.close();
});

Deno.test("full disk - what cannot be deleted from it is not sent again, and does not hold up a later run's", () => {
  using dir = folder();
  const first = fileSpool(dir.path, "boot0001", 100, keptLog());
  fill(first, 1, 3);
  first.close();
  fillDisk(dir.path, "NEW.seq > 1");
  const spool = openSpool(dir.path, boot, 100, keptLog());
  fill(spool, 4, 6);
  assert.equal(spool.currentBoot(), "boot0001");
  spool.acknowledge("boot0001", 2);
  assert.deepEqual([spool.held, spool.currentBoot()], [4, "boot0001"]);
  spool.acknowledge("boot0001", 3);
  assert.deepEqual([spool.held, spool.currentBoot()], [3, boot]);
  spool.acknowledge(boot, 3);
  assert.equal(spool.held, 0);
  spool.close();
});

Deno.test("full disk - when it has room again, the file takes the next readings, and has deleted what was sent", () => {
  using dir = folder();
  fillDisk(dir.path, "NEW.seq IN (2, 3)");
  const log = keptLog();
  const spool = openSpool(dir.path, boot, 100, log);
  fill(spool, 1, 4);
  spool.acknowledge(boot, 4);
  fill(spool, 5, 6);
  assert.deepEqual(numbers(spool.batch(boot, 4, 10)), [5, 6]);
  assert.deepEqual(log.lines.map(({ level }) => level), ["error", "info"]);
  spool.close();
  makeRoom(dir.path);
  const next = openSpool(dir.path, "boot0003", 100, log);
  assert.deepEqual(next.batch(boot, 4, 10)?.items, [5, 6].map(readingNumber));
  next.acknowledge(boot, 5);
  next.close();
  const last = openSpool(dir.path, "boot0004", 100, log);
  assert.equal(last.held, 1);
  last.close();
});

Deno.test("full disk - an agent that starts on one sends what the file holds, then its own", () => {
  using dir = folder();
  const first = fileSpool(dir.path, "boot0001", 100, keptLog());
  fill(first, 1, 2);
  first.close();
  fillDisk(dir.path, "true");
  {
    using db = new DatabaseSync(`${dir.path}/spool.sqlite`);
    db.exec("CREATE TRIGGER no_boot BEFORE INSERT ON boots BEGIN SELECT RAISE(ABORT, 'full'); END");
  }
  const spool = openSpool(dir.path, boot, 100, keptLog());
  fill(spool, 3, 4);
  assert.deepEqual(spool.batch(spool.currentBoot(), 0, 10)?.items, [1, 2].map(readingNumber));
  spool.acknowledge("boot0001", 2);
  assert.deepEqual(spool.batch(spool.currentBoot(), 0, 10), { first: 1, items: [3, 4].map(readingNumber) });
  spool.close();
});

Deno.test("spool - a file that cannot be read any more is given up, and told once", () => {
  const file = memorySpool(boot, 100);
  let broken = false;
  const failing: Spool = {
    ...file,
    batch(of, after, most) {
      if (broken) throw new Error("disk I/O error");
      return file.batch(of, after, most);
    },
    held: 3,
    dropped: 1,
  };
  const log = keptLog();
  const spool = withMemoryBehind(failing, boot, 100, log);
  fill(spool, 1, 3);
  broken = true;
  assert.equal(spool.batch(boot, 0, 10), undefined);
  fill(spool, 4, 5);
  assert.deepEqual(spool.batch(boot, 0, 10), { first: 4, items: [4, 5].map(readingNumber) });
  assert.deepEqual([spool.held, spool.dropped], [2, 4]);
  assert.deepEqual(log.lines.map(({ level, fields }) => [level, fields]), [
    ["error", { lost: 3, reason: "Error: disk I/O error" }],
  ]);
});

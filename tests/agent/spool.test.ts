// Both kinds of spool, by the same tests; then what only a file can do.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { memorySpool, type Spool } from "../../agent/spool.ts";
import { fileSpool } from "../../agent/spool_file.ts";
import { openSpool } from "../../agent/spools.ts";
import { agentToken, keptLog, serveRelay } from "../lib/relay/support.ts";
import { Uplink } from "../../agent/uplink.ts";
import { until } from "../support/until.ts";
import { indexOf, readingNumber } from "./readings.ts";
import { boot, fill, folder } from "./spool_support.ts";

const kinds = {
  memory: (_: string, limit: number) => memorySpool(boot, limit),
  file: (folder: string, limit: number) => fileSpool(folder, boot, limit, keptLog()),
} as const;

for (const [kind, make] of Object.entries(kinds)) {
  Deno.test(`${kind} spool - gives what was not acknowledged, in order, under its sequence numbers`, () => {
    using dir = folder();
    const spool = make(dir.path, 100);
    fill(spool, 1, 10);
    assert.equal(spool.currentBoot(), boot);
    assert.deepEqual(spool.batch(boot, 0, 3), { first: 1, items: [1, 2, 3].map(readingNumber) });
    assert.deepEqual(spool.batch(boot, 8, 5), { first: 9, items: [9, 10].map(readingNumber) });
    assert.equal(spool.batch(boot, 10, 5), undefined);
    spool.acknowledge(boot, 4);
    assert.deepEqual(spool.batch(boot, 0, 2), { first: 5, items: [5, 6].map(readingNumber) });
    spool.acknowledge(boot, 2);
    assert.equal(spool.held, 6);
    spool.acknowledge(boot, 10);
    assert.equal(spool.held, 0);
    fill(spool, 11, 11);
    assert.deepEqual(spool.batch(boot, 10, 5), { first: 11, items: [readingNumber(11)] });
    spool.close();
  });

  Deno.test(`${kind} spool - when it is full the oldest goes, and is counted`, () => {
    using dir = folder();
    const spool = make(dir.path, 5);
    fill(spool, 1, 8);
    assert.deepEqual([spool.held, spool.dropped], [5, 3]);
    assert.deepEqual(spool.batch(boot, 0, 2), { first: 4, items: [4, 5].map(readingNumber) });
    spool.close();
  });

  Deno.test(`${kind} spool - what is acknowledged of another boot changes nothing`, () => {
    using dir = folder();
    const spool = make(dir.path, 5);
    fill(spool, 1, 1);
    spool.acknowledge("boot0009", 1);
    assert.equal(spool.held, 1);
    assert.equal(spool.batch("boot0009", 0, 1), undefined);
    spool.close();
  });
}

Deno.test("file spool - readings of an earlier run come first, under its boot", () => {
  using dir = folder();
  const first = fileSpool(dir.path, "boot0001", 100, keptLog());
  fill(first, 1, 5);
  first.acknowledge("boot0001", 2);
  first.close();
  const second = fileSpool(dir.path, boot, 100, keptLog());
  fill(second, 6, 7);
  assert.equal(second.held, 5);
  assert.equal(second.currentBoot(), "boot0001");
  assert.deepEqual(second.batch("boot0001", 0, 10), { first: 3, items: [3, 4, 5].map(readingNumber) });
  second.acknowledge("boot0001", 5);
  assert.equal(second.currentBoot(), boot);
  assert.deepEqual(second.batch(boot, 0, 10), { first: 1, items: [6, 7].map(readingNumber) });
  second.close();
});

Deno.test("file spool - the limit holds over all runs, the oldest run's readings go first", () => {
  using dir = folder();
  const first = fileSpool(dir.path, "boot0001", 100, keptLog());
  fill(first, 1, 10);
  first.close();
  const second = fileSpool(dir.path, boot, 6, keptLog());
  fill(second, 11, 12);
  assert.deepEqual(second.batch("boot0001", 0, 1)?.first, 7);
  assert.deepEqual([second.held, second.dropped], [6, 6]);
  second.close();
});

Deno.test("file spool - a reading that cannot be read is removed, counted and told, and no other one with it", () => {
  using dir = folder();
  const first = fileSpool(dir.path, "boot0001", 100, keptLog());
  fill(first, 1, 6);
  first.close();
  {
    using db = new DatabaseSync(`${dir.path}/spool.sqlite`);
    db.exec(
      "UPDATE readings SET reading = 'x' WHERE seq IN (1, 2, 4); UPDATE readings SET reading = '{}' WHERE seq = 6",
    );
  }
  const log = keptLog();
  const spool = openSpool(dir.path, boot, 100, log);
  assert.deepEqual(spool.batch("boot0001", 0, 2), { first: 3, items: [readingNumber(3)] });
  assert.deepEqual(spool.batch("boot0001", 3, 2), { first: 5, items: [readingNumber(5)] });
  assert.equal(spool.batch("boot0001", 5, 2), undefined);
  assert.deepEqual([spool.held, spool.dropped], [2, 4]);
  assert.deepEqual(log.lines.map(({ level, message }) => [level, message]), [
    ["error", "unreadable readings in SPOOL_DIR are lost"],
    ["error", "unreadable readings in SPOOL_DIR are lost"],
    ["error", "unreadable readings in SPOOL_DIR are lost"],
  ]);
  spool.close();
});

for (
  const [damage, page, bytes] of [
    ["a zeroed head", 0, new Uint8Array(4096)],
    ["a head of noise", 0, crypto.getRandomValues(new Uint8Array(4096))],
    ["a zeroed page", 1, new Uint8Array(4096)],
  ] as const
) {
  Deno.test(`file spool - one with ${damage} is set aside, and a new one begins`, () => {
    using dir = folder();
    const path = `${dir.path}/spool.sqlite`;
    const first = fileSpool(dir.path, "boot0001", 100, keptLog());
    fill(first, 1, 3);
    first.close();
    const damaged = Deno.readFileSync(path);
    damaged.set(bytes, 4096 * page);
    Deno.writeFileSync(path, damaged);
    const log = keptLog();
    const spool = fileSpool(dir.path, boot, 100, log);
    fill(spool, 4, 4);
    assert.deepEqual(spool.batch(spool.currentBoot(), 0, 10), { first: 1, items: [readingNumber(4)] });
    assert.deepEqual(Deno.readFileSync(`${path}.corrupt-${boot}`), damaged);
    const [line] = log.lines;
    assert.equal(line?.message, "the spool is corrupt: set aside, a new one begins");
    assert.match(Deno.inspect(line?.fields), new RegExp(`kept_as: "spool.sqlite.corrupt-${boot}"`));
    spool.close();
  });
}

Deno.test("file spool - a second agent on the same folder is told", () => {
  using dir = folder();
  const first = fileSpool(dir.path, "boot0001", 100, keptLog());
  assert.throws(
    () => fileSpool(dir.path, boot, 100, keptLog()),
    /SPOOL_DIR, and that no other agent uses it/,
  );
  first.close();
});

/** Sends all that `spool` holds to a relay, and ends both. */
async function send(spool: Spool, host: string): Promise<void> {
  const uplink = new Uplink({
    relayUrl: `ws://${host}`,
    station: "bench-1",
    token: agentToken,
    modules: [4],
    spool,
    log: keptLog(),
    onStored() {},
  });
  uplink.connect();
  try {
    await until("an empty spool", () => spool.held === 0);
  } finally {
    uplink.close();
    spool.close();
  }
}

Deno.test("file spool - what a killed agent had not sent reaches the relay, in order, and then its successor's", async () => {
  using dir = folder();
  const killed = fileSpool(dir.path, "boot0001", 1000, keptLog());
  fill(killed, 1, 300);
  killed.close();
  await using served = await serveRelay();
  const spool = openSpool(dir.path, boot, 1000, keptLog());
  fill(spool, 301, 420);
  await send(spool, served.host);
  assert.deepEqual(served.relay.recent(4, 0).map(indexOf), Array.from({ length: 420 }, (_, i) => i + 1));
});

Deno.test("file spool - the relay counts what every run had to drop, by the last reading that is kept of each", async () => {
  using dir = folder();
  const run = (boot: string, from: number, to: number) => {
    const spool = openSpool(dir.path, boot, 5, keptLog());
    fill(spool, from, to);
    return spool;
  };
  run("boot0001", 1, 10).close();
  run("boot0002", 11, 20).close();
  const spool = run("boot0003", 21, 30);
  assert.equal(spool.held, 5);
  await using served = await serveRelay();
  await send(spool, served.host);
  assert.deepEqual(served.relay.recent(4, 0).map(indexOf), [10, 20, 28, 29, 30]);
  const metrics = await (await fetch(`http://${served.host}/metrics`)).text();
  assert.match(metrics, /^lightline_readings_skipped_total\{station="bench-1"\} 25$/m);
});

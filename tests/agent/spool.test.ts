// Both kinds of spool, by the same tests; then what only a file can do, and what happens when it cannot.

import assert from "node:assert/strict";
import { memorySpool, type Spool } from "../../agent/spool.ts";
import { fileSpool } from "../../agent/spool_file.ts";
import { guarded, openSpool } from "../../agent/spools.ts";
import { agentToken, keptLog, serveRelay } from "../lib/relay/support.ts";
import { Uplink } from "../../agent/uplink.ts";
import { until } from "../support/until.ts";
import { indexOf, readingAt } from "./readings.ts";

const boot = "boot0002";

function folder() {
  const path = Deno.makeTempDirSync({ prefix: "lightline-spool-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

function fill(spool: Spool, from: number, to: number): void {
  for (let i = from; i <= to; i++) spool.append(readingAt(i));
}

const kinds = {
  memory: (_: string, limit: number) => memorySpool(boot, limit),
  file: (folder: string, limit: number) => fileSpool(folder, boot, limit),
} as const;

for (const [kind, make] of Object.entries(kinds)) {
  Deno.test(`${kind} spool - gives what was not acknowledged, in order, under its sequence numbers`, () => {
    using dir = folder();
    const spool = make(dir.path, 100);
    fill(spool, 1, 10);
    assert.equal(spool.currentBoot(), boot);
    assert.deepEqual(spool.batch(boot, 0, 3), { first: 1, items: [1, 2, 3].map(readingAt) });
    assert.deepEqual(spool.batch(boot, 8, 5), { first: 9, items: [9, 10].map(readingAt) });
    assert.equal(spool.batch(boot, 10, 5), undefined);
    spool.acknowledge(boot, 4);
    assert.deepEqual(spool.batch(boot, 0, 2), { first: 5, items: [5, 6].map(readingAt) });
    spool.acknowledge(boot, 2);
    assert.equal(spool.held, 6);
    spool.acknowledge(boot, 10);
    assert.equal(spool.held, 0);
    fill(spool, 11, 11);
    assert.deepEqual(spool.batch(boot, 10, 5), { first: 11, items: [readingAt(11)] });
    spool.close();
  });

  Deno.test(`${kind} spool - when it is full the oldest goes, and is counted`, () => {
    using dir = folder();
    const spool = make(dir.path, 5);
    fill(spool, 1, 8);
    assert.deepEqual([spool.held, spool.dropped], [5, 3]);
    assert.deepEqual(spool.batch(boot, 0, 2), { first: 4, items: [4, 5].map(readingAt) });
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
  const first = fileSpool(dir.path, "boot0001", 100);
  fill(first, 1, 5);
  first.acknowledge("boot0001", 2);
  first.close();
  const second = fileSpool(dir.path, boot, 100);
  fill(second, 6, 7);
  assert.equal(second.held, 5);
  assert.equal(second.currentBoot(), "boot0001");
  assert.deepEqual(second.batch("boot0001", 0, 10), { first: 3, items: [3, 4, 5].map(readingAt) });
  second.acknowledge("boot0001", 5);
  assert.equal(second.currentBoot(), boot);
  assert.deepEqual(second.batch(boot, 0, 10), { first: 1, items: [6, 7].map(readingAt) });
  second.close();
});

Deno.test("file spool - the limit holds over all runs, the oldest run's readings go first", () => {
  using dir = folder();
  const first = fileSpool(dir.path, "boot0001", 100);
  fill(first, 1, 10);
  first.close();
  const second = fileSpool(dir.path, boot, 6);
  assert.deepEqual([second.held, second.dropped], [6, 4]);
  fill(second, 11, 12);
  assert.deepEqual(second.batch("boot0001", 0, 1)?.first, 7);
  assert.deepEqual([second.held, second.dropped], [6, 6]);
  second.close();
});

Deno.test("file spool - a second agent on the same folder is told", () => {
  using dir = folder();
  const first = fileSpool(dir.path, "boot0001", 100);
  assert.throws(() => fileSpool(dir.path, boot, 100), /SPOOL_DIR, and that no other agent uses it/);
  first.close();
});

Deno.test("file spool - what a killed agent had not sent reaches the relay, in order, and then its successor's", async () => {
  using dir = folder();
  const killed = fileSpool(dir.path, "boot0001", 1000);
  fill(killed, 1, 300);
  killed.close();
  await using served = await serveRelay();
  const spool = openSpool(dir.path, boot, 1000, keptLog());
  fill(spool, 301, 420);
  const uplink = new Uplink({
    relayUrl: `ws://${served.host}`,
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
    assert.deepEqual(
      served.relay.recent(4, 0).map(indexOf),
      Array.from({ length: 420 }, (_, i) => i + 1),
    );
  } finally {
    uplink.close();
    spool.close();
  }
});

Deno.test("guarded spool - a file that fails is told once, and readings go on in memory under the next number", () => {
  const file = memorySpool(boot, 100);
  let broken = false;
  const failing: Spool = {
    ...file,
    append(reading) {
      if (broken) throw new Error("disk full");
      file.append(reading);
    },
    held: 3,
    dropped: 1,
  };
  const errors: unknown[] = [];
  const spool = guarded(failing, (first) => memorySpool(boot, 100, first), (error) => errors.push(error));
  fill(spool, 1, 3);
  broken = true;
  fill(spool, 4, 5);
  assert.deepEqual(spool.batch(boot, 0, 10), { first: 4, items: [4, 5].map(readingAt) });
  assert.deepEqual([spool.held, spool.dropped], [2, 4]);
  assert.deepEqual(errors.map(String), ["Error: disk full"]);
});

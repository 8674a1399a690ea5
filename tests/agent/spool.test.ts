import assert from "node:assert/strict";
import { memorySpool } from "../../agent/spool.ts";
import { readingAt } from "./readings.ts";

Deno.test("spool - gives what was not acknowledged, in order, under its sequence numbers", () => {
  const spool = memorySpool("boot0001", 100);
  for (let i = 1; i <= 10; i++) spool.append(readingAt(i));
  assert.deepEqual(spool.batch("boot0001", 0, 3), { first: 1, items: [1, 2, 3].map(readingAt) });
  assert.deepEqual(spool.batch("boot0001", 8, 5), { first: 9, items: [9, 10].map(readingAt) });
  assert.equal(spool.batch("boot0001", 10, 5), undefined);
  spool.acknowledge("boot0001", 4);
  assert.deepEqual(spool.batch("boot0001", 0, 2), { first: 5, items: [5, 6].map(readingAt) });
  spool.acknowledge("boot0001", 2);
  spool.acknowledge("boot0001", 10);
  assert.equal(spool.held, 0);
  spool.append(readingAt(11));
  assert.deepEqual(spool.batch("boot0001", 10, 5), { first: 11, items: [readingAt(11)] });
});

Deno.test("spool - when it is full the oldest goes, and is counted", () => {
  const spool = memorySpool("boot0001", 5);
  for (let i = 1; i <= 8; i++) spool.append(readingAt(i));
  assert.deepEqual([spool.held, spool.dropped], [5, 3]);
  assert.deepEqual(spool.batch("boot0001", 0, 2), { first: 4, items: [4, 5].map(readingAt) });
});

Deno.test("spool - what is acknowledged of another boot changes nothing", () => {
  const spool = memorySpool("boot0001", 5);
  spool.append(readingAt(1));
  spool.acknowledge("boot0002", 1);
  assert.equal(spool.held, 1);
  assert.equal(spool.batch("boot0002", 0, 1), undefined);
});

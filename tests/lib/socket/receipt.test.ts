// The receipt: every sequence number is accounted for.

import assert from "node:assert/strict";
import { receiptOf } from "../../../lib/socket/mod.ts";
import { epoch, reading, readings } from "./readings.ts";
import { replay, take } from "./take.ts";

Deno.test("a page that missed nothing: all of all readings, none replayed; the history that filled it is no replay", async () => {
  const { feed } = await take([replay(readings(11, 20)), ...readings(21, 30)]);
  assert.deepEqual(receiptOf(feed.counters.value), { arrived: 20, expected: 20, replayed: 0, missing: 0 });
  assert.equal(feed.counters.value.filled, 10);
});

Deno.test("history that takes several frames is all filling; what a later frame brings is replayed", async () => {
  const { feed } = await take([
    replay(readings(11, 510)),
    replay(readings(511, 515)),
    reading(516),
    replay(readings(517, 519)),
  ]);
  assert.deepEqual(receiptOf(feed.counters.value), { arrived: 509, expected: 509, replayed: 3, missing: 0 });
});

Deno.test("what the relay says is gone is missing", async () => {
  const hole = { from: `${epoch}-11`, to: `${epoch}-14`, reason: "history_expired" };
  const { feed } = await take([replay(readings(15, 16), hole), reading(17)]);
  assert.deepEqual(receiptOf(feed.counters.value), { arrived: 3, expected: 7, replayed: 0, missing: 4 });
});

Deno.test("a sequence number passed over without a word is missing: in a replay, and live at the interval's own pace", async () => {
  const { feed } = await take([replay([reading(11), reading(13)]), reading(14), reading(16)]);
  assert.deepEqual(receiptOf(feed.counters.value), { arrived: 4, expected: 6, replayed: 0, missing: 2 });
});

Deno.test("readings that the interval thins out are not missing", async () => {
  const { feed } = await take([replay(readings(11, 12)), reading(17), reading(22), reading(27)], {
    intervalSeconds: 0.5,
  });
  assert.deepEqual(receiptOf(feed.counters.value), { arrived: 5, expected: 5, replayed: 0, missing: 0 });
  assert.equal(feed.counters.value.thinned, 12);
});

Deno.test("readings folded into one have arrived", async () => {
  const { feed } = await take([reading(15, { conflated: 5 })]);
  assert.deepEqual(receiptOf(feed.counters.value), { arrived: 5, expected: 5, replayed: 0, missing: 0 });
});

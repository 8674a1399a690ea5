import assert from "node:assert/strict";
import type { Data } from "../../../lib/protocol/mod.ts";
import { Fold } from "../../../lib/relay/fanout/conflation.ts";
import { readingAt } from "../../support/reading.ts";

const reading = (seq: number, unit: Data["unit"], ch1_power: number | null): Data => ({
  type: "data",
  ...readingAt(seq, { unit, ch1_power }),
  cursor: `0123456789ab-${seq}`,
});

const folded = (first: Data, ...others: readonly Data[]): Data => {
  const fold = new Fold(first);
  for (const other of others) fold.add(other);
  return fold.data();
};

Deno.test("one reading is itself, more of them are the last one with each channel's extremes", () => {
  const [first, second, third] = [-10, null, -30].map((power, index) => reading(index + 1, "dBm", power));
  assert.ok(first && second && third);
  assert.deepEqual(folded(first), first);
  const { conflated, min, max, ...last } = folded(first, second, third);
  assert.deepEqual([conflated, min?.ch1, max?.ch1], [3, -30, -10]);
  assert.deepEqual(last, third);
});

Deno.test("extremes are in the reading's unit, whatever unit the readings before it had", () => {
  const inMilliwatts = folded(reading(1, "dBm", -10), reading(2, "dBm", 0), reading(3, "mW", 0.5));
  assert.deepEqual([inMilliwatts.min?.ch1, inMilliwatts.max?.ch1], [0.1, 1]);
  const inDbm = folded(reading(1, "mW", 0.1), reading(2, "mW", 10), reading(3, "dBm", -20));
  assert.deepEqual([inDbm.min?.ch1, inDbm.max?.ch1], [-20, 10]);
  const dark = folded(reading(1, "mW", 0), reading(2, "mW", 1), reading(3, "dBm", -5));
  assert.deepEqual([dark.min?.ch1, dark.max?.ch1], [-5, 0], "no power has no dBm");
  const there = folded(reading(1, "mW", 0.1), reading(2, "dBm", -5), reading(3, "mW", 0.2));
  assert.deepEqual([there.min?.ch1, there.max?.ch1], [0.1, 10 ** -0.5], "and back");
});

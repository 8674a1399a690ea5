import assert from "node:assert/strict";
import { formatAge, formatClock, formatDuration, formatFlag, formatPower } from "../../components/format.ts";

Deno.test("format - powers keep their resolution and have a true minus sign", () => {
  assert.equal(formatPower(-17.854, "dBm"), "\u221217.85");
  assert.equal(formatPower(6.9, "dBm"), "6.90");
  assert.equal(formatPower(4.9431, "mW"), "4.943");
  assert.equal(formatPower(0.000000972, "mW"), "9.720e\u22127");
  assert.equal(formatPower(0, "mW"), "0.000");
});

Deno.test("format - a missing power says why", () => {
  assert.equal(formatFlag("over_range"), "over range");
  assert.equal(formatFlag(undefined), "invalid");
});

Deno.test("format - ages grow coarser and never flicker below a second", () => {
  const cases: readonly (readonly [number, string])[] = [
    [-50, "less than 1 s ago"],
    [999, "less than 1 s ago"],
    [1000, "1 s ago"],
    [61_000, "1 min 1 s ago"],
    [3_600_000, "1 h 0 min ago"],
    [90_000_000, "25 h 0 min ago"],
  ];
  for (const [ageMs, words] of cases) assert.equal(formatAge(ageMs), words);
  assert.equal(formatDuration(-5), "0 s");
});

Deno.test("format - the clock is UTC and says so", () => {
  assert.equal(formatClock(Date.UTC(2026, 0, 2, 3, 4, 5)), "03:04:05 UTC");
});

import assert from "node:assert/strict";
import { Pacer } from "../../../lib/relay/pacer.ts";

const admitted = (intervalMs: number, timesMs: readonly number[]): readonly number[] => {
  const pacer = new Pacer(intervalMs);
  return timesMs.filter((timeMs) => pacer.admits(timeMs));
};

const distances = (timesMs: readonly number[]) =>
  timesMs.slice(1).map((timeMs, i) => timeMs - (timesMs[i] ?? 0));

Deno.test("a viewer whose interval is the agent's own gets every reading, however they jitter", () => {
  const times = Array.from({ length: 1000 }, (_, n) => n * 100 + (n * 37) % 90 - 45);
  assert.deepEqual(admitted(100, times), times);
});

Deno.test("a viewer who wants fewer gets them evenly: every fifth of a 10 Hz agent at 0.5 s", () => {
  const times = Array.from({ length: 500 }, (_, n) => n * 100 + (n % 3) * 5);
  const spaced = distances(admitted(500, times));
  assert.equal(spaced.length, 99);
  assert.ok(spaced.every((distanceMs) => distanceMs >= 450 && distanceMs <= 550), String(spaced));
});

Deno.test("an agent's clock that is set back starts the interval anew", () => {
  assert.deepEqual(admitted(100, [100_000, 100_100, 5_000, 5_020, 5_100]), [100_000, 100_100, 5_000, 5_100]);
});

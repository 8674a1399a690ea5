import assert from "node:assert/strict";
import { Pacer, Period } from "../../../lib/relay/fanout/pacer.ts";

/** What is left of readings taken at `timesMs` for a viewer that was sent the one with the index `first`. */
const admitted = (intervalMs: number, timesMs: readonly number[], first = 0): readonly number[] => {
  const pacer = new Pacer(intervalMs);
  const period = new Period();
  return timesMs.filter((timeMs, index) => {
    period.add(timeMs);
    return index >= first && pacer.admits(timeMs, period.meanMs ?? 1);
  });
};

const distances = (timesMs: readonly number[]) =>
  timesMs.slice(1).map((timeMs, i) => timeMs - (timesMs[i] ?? 0));

const jitter = (n: number, mostMs: number) => (n * 37) % (2 * mostMs) - mostMs;

Deno.test("a viewer whose interval is the agent's own gets every reading, however they jitter", () => {
  const times = Array.from({ length: 1000 }, (_, n) => n * 100 + jitter(n, 40));
  for (let first = 0; first < 80; first++) {
    assert.deepEqual(admitted(100, times, first), times.slice(first), `from ${first} on`);
  }
});

const sources: [periodMs: number, intervalMs: number, everyMs: number][] = [
  [100, 500, 500],
  [100, 1000, 1000],
  [100, 250, 300],
  [100, 200, 200],
  [10, 100, 100],
  [10, 25, 30],
  [20, 500, 500],
  [11.3, 100, 101.7],
  [250, 1000, 1000],
];
for (const [periodMs, intervalMs, everyMs] of sources) {
  Deno.test(`of a reading each ${periodMs} ms, a viewer at ${intervalMs} ms gets one each ${everyMs} ms from the first on`, () => {
    const times = Array.from({ length: 2000 }, (_, n) => n * periodMs);
    for (const distanceMs of distances(admitted(intervalMs, times))) {
      assert.ok(Math.abs(distanceMs - everyMs) < 0.01, `${distanceMs} ms`);
    }
  });

  Deno.test(`nor do they come closer than that less the jitter: ${periodMs} ms, ${intervalMs} ms`, () => {
    const mostMs = periodMs * 0.15;
    const times = Array.from(
      { length: 2000 },
      (_, n) => n * periodMs + jitter(n, Math.ceil(mostMs)) % mostMs,
    );
    const got = admitted(intervalMs, times);
    for (const distanceMs of distances(got)) {
      assert.ok(distanceMs >= intervalMs - periodMs / 2, `${distanceMs} ms`);
    }
    const lastedMs = (times.at(-1) ?? 0) - (times[0] ?? 0);
    assert.ok(got.length <= lastedMs / intervalMs + 1.5, `${got.length} in ${lastedMs} ms`);
    assert.ok(got.length >= 0.95 * lastedMs / everyMs, `${got.length} in ${lastedMs} ms`);
  });
}

Deno.test("an agent that is a little faster than the interval does not make viewers get more than one in it", () => {
  const times = Array.from({ length: 10_000 }, (_, n) => n * 95);
  assert.ok(admitted(100, times).length <= 9_500 + 2);
});

Deno.test("a clock that is fast by a thousandth does not cost a reading an hour", () => {
  const times = Array.from({ length: 36_000 }, (_, n) => n * 99.9);
  assert.equal(admitted(100, times).length, 36_000);
});

Deno.test("readings that are late once, or stop for a minute, do not change what follows", () => {
  const times = Array.from(
    { length: 400 },
    (_, n) => n * 100 + (n === 100 ? 80 : 0) + (n > 200 ? 60_000 : 0),
  );
  const got = distances(admitted(500, times)).filter((distanceMs) => distanceMs !== 500);
  assert.ok(got.length <= 3, got.join());
  assert.equal(admitted(100, times).length, 400);
});

Deno.test("an agent's clock that is set back starts the interval anew", () => {
  assert.deepEqual(admitted(100, [100_000, 100_100, 5_000, 5_020, 5_100]), [100_000, 100_100, 5_000, 5_100]);
});

Deno.test("an agent that begins to read less often costs a viewer no reading, even where it says nothing of it", () => {
  for (const fasterMs of [10, 15, 20, 33, 50]) {
    for (const intervalMs of [100, 125, 200, 500]) {
      for (const slowerMs of [intervalMs, 1.2 * intervalMs, 2 * intervalMs]) {
        const slower = Array.from({ length: 100 }, (_, n) => 5000 + n * slowerMs);
        const times = [...Array.from({ length: 5000 / fasterMs }, (_, n) => n * fasterMs), ...slower];
        const got = admitted(intervalMs, times).filter((timeMs) => timeMs >= 5000 + intervalMs);
        assert.deepEqual(
          got,
          slower.filter((timeMs) => timeMs >= 5000 + intervalMs),
          `${fasterMs} ms, then ${slowerMs} ms, for a viewer at ${intervalMs} ms`,
        );
      }
    }
  }
});

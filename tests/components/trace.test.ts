import assert from "node:assert/strict";
import {
  columnCount,
  columnMs,
  columnOf,
  extent,
  lastMinute,
  type Trace,
  traceBox,
  tracePath,
  withPower,
} from "../../components/trace.ts";

const traceOf = (powers: readonly (readonly [timeMs: number, power: number])[]): Trace =>
  powers.reduce<Trace>((trace, [timeMs, power]) => withPower(trace, timeMs, power), []);

Deno.test("trace - readings of one column become its least and its greatest power", () => {
  assert.deepEqual(traceOf([[0, -2], [100, -3], [499, -1]]), [[0, -3, -1]]);
});

Deno.test("trace - holds one minute, however long it is fed", () => {
  const trace = traceOf(Array.from({ length: 1000 }, (_, n) => [n * columnMs, n] as const));
  assert.equal(trace.length, columnCount);
  assert.deepEqual(trace[0], [1000 - columnCount, 1000 - columnCount, 1000 - columnCount]);
  assert.deepEqual(extent(trace), [1000 - columnCount, 999]);
});

Deno.test("trace - a reading older than the last column changes nothing", () => {
  const trace = traceOf([[0, 1], [1000, 2]]);
  assert.equal(withPower(trace, 400, 9), trace);
});

Deno.test("trace - of a trace that is no longer fed, what is older than a minute is left out", () => {
  const trace = traceOf([[0, 1], [30_000, 2]]);
  assert.deepEqual(lastMinute(trace, columnOf(60_000)), [[60, 2, 2]]);
  assert.deepEqual(lastMinute(trace, columnOf(90_000)), []);
});

Deno.test("trace path - a stretch without readings is left open", () => {
  const path = tracePath(traceOf([[0, 1], [500, 2], [20_000, 1], [20_500, 2]]), columnOf(20_500));
  assert.equal(path.match(/M/g)?.length, 2);
});

Deno.test("trace path - the newest column stands at the right edge, and greater powers above lesser ones", () => {
  assert.equal(tracePath(traceOf([[0, -3], [100, -1], [500, -2]]), 1), "M-1 3V1L0 2V2");
});

Deno.test("trace box - holds what is drawn with a margin, so that noise does not fill it", () => {
  assert.equal(traceBox(-19.5, -9.99), "-119 9.98 119 9.53");
  assert.equal(traceBox(0, 0), "-119 -0.01 119 0.02");
});

Deno.test("trace path - nothing is drawn of nothing", () => {
  assert.equal(tracePath([], 0), "");
});

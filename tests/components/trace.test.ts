import assert from "node:assert/strict";
import { columnCount, columnMs, extent, type Trace, tracePath, withPower } from "../../components/trace.ts";

const traceOf = (powers: readonly (readonly [timeMs: number, power: number])[]): Trace =>
  powers.reduce<Trace>((trace, [timeMs, power]) => withPower(trace, timeMs, power), []);

Deno.test("trace - readings of one column become its least and its greatest power", () => {
  assert.deepEqual(traceOf([[0, -2], [100, -3], [499, -1]]), [[0, -3, -1]]);
});

Deno.test("trace - holds one minute, however long it is fed", () => {
  const trace = traceOf(Array.from({ length: 1000 }, (_, n) => [n * columnMs, n] as const));
  assert.equal(trace.length, columnCount);
  assert.deepEqual(trace[0], [1000 - columnCount, 1000 - columnCount, 1000 - columnCount]);
  assert.deepEqual(extent(trace), { low: 1000 - columnCount, high: 999 });
});

Deno.test("trace - a reading older than the last column changes nothing", () => {
  const trace = traceOf([[0, 1], [1000, 2]]);
  assert.equal(withPower(trace, 400, 9), trace);
});

Deno.test("trace path - a stretch without readings is left open", () => {
  const path = tracePath(traceOf([[0, 1], [500, 2], [20_000, 1], [20_500, 2]]), 20_500, 240, 48);
  assert.equal(path.match(/M/g)?.length, 2);
});

Deno.test("trace path - readings older than a minute are outside, the newest stands at the right edge", () => {
  const path = tracePath(traceOf([[0, 1], [70_000, 2]]), 70_000, 240, 48);
  assert.match(path, /^M240 24V24$/);
});

Deno.test("trace path - nothing is drawn of nothing", () => {
  assert.equal(tracePath([], 0, 240, 48), "");
});

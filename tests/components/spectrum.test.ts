import assert from "node:assert/strict";
import { cursorNm, draw, formatLevel, formatRound, plotHeight, pointAt } from "../../components/spectrum.ts";

const extent = { startNm: 1500, samplingPm: 1, length: 94_001 };

Deno.test("spectrum - a dip of one point in 94,001 is drawn to its bottom", () => {
  const levels = new Float32Array(extent.length).fill(-10);
  levels[47_123] = -40;
  const drawing = draw(levels, extent.length);
  assert.deepEqual([drawing.low, drawing.high], [-40, -10]);
  assert.deepEqual(drawing.scale, [-40, -30, -20, -10, 0]);
  assert.match(drawing.path, new RegExp(`L\\S+ ${plotHeight.toFixed(1)}`));
  assert.ok(drawing.path.length < 30_000);
});

Deno.test("spectrum - its scale is of round numbers, close around the levels, and never so fine that noise fills it", () => {
  const scale = (...levels: number[]) => draw(Float32Array.from(levels), levels.length).scale;
  assert.deepEqual(scale(-13.78, 0.11), [-15, -10, -5, 0, 5]);
  assert.deepEqual(scale(-0.01, 0.01), [-0.5, 0, 0.5, 1, 1.5]);
  assert.deepEqual(scale(-22.9, -22.7), [-23, -22.5, -22, -21.5, -21]);
  assert.deepEqual(scale(-72, -31), [-80, -60, -40, -20, 0]);
  assert.deepEqual(scale(5), [5, 5.5, 6, 6.5, 7]);
});

Deno.test("spectrum - a flank is one line down and one line up", () => {
  // six points in a column
  const levels = Float32Array.from({ length: 3600 }, (_, i) => -Math.abs(i - 1800) / 100);
  const heights = [...draw(levels, 3600).path.matchAll(/[ML]\S+ (\S+)/g)].map(([, y]) => Number(y));
  const turns = heights.filter((y, i) => (y - (heights[i - 1] ?? y)) * ((heights[i + 1] ?? y) - y) < 0);
  assert.ok(turns.length <= 1, `${turns.length} turns`);
});

Deno.test("spectrum - what is no number leaves a gap, and what has not come yet is not drawn", () => {
  const levels = new Float32Array(600).fill(-10);
  levels[300] = NaN;
  assert.equal(draw(levels, 600).path.split("M").length - 1, 2);
  const half = draw(levels.slice(0, 150), 600).path;
  assert.ok(Math.max(...[...half.matchAll(/[ML](\S+) /g)].map(([, x]) => Number(x))) < 301);
  assert.equal(draw(new Float32Array(3).fill(NaN), 3).path, "");
});

Deno.test("spectrum - cursors stand on points, within the spectrum, and say nothing of what is not there", () => {
  const levels = new Float32Array(extent.length).fill(-10);
  assert.deepEqual(pointAt(extent, levels, 1550.0004), { nm: 1550, level: -10 });
  assert.deepEqual(pointAt(extent, levels, 9999), { nm: 1594, level: -10 });
  assert.deepEqual(pointAt(extent, levels.slice(0, 10), 1550), { nm: 1550, level: null });
  assert.equal(cursorNm(extent, 0.5, 1510), 1510);
  assert.equal(cursorNm(extent, 0.5, NaN), 1547);
});

Deno.test("spectrum - levels are written with their sign, never as minus nothing", () => {
  assert.deepEqual([-0.001, -1.5, 2, null].map(formatLevel), ["0.00", "\u22121.50", "2.00", "–"]);
  assert.deepEqual([-0.5, -10, 0].map(formatRound), ["\u22120.5", "\u221210", "0"]);
});

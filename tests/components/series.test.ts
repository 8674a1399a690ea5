import assert from "node:assert/strict";
import { plotData } from "../../components/plot.ts";
import {
  addReading,
  dropBefore,
  exportAddress,
  extremes,
  formatSpan,
  formatTime,
  inUnit,
  rangeNamed,
  seriesOf,
} from "../../components/series.ts";
import type { Data, Envelope } from "../../lib/protocol/mod.ts";

const trace = (...powers: number[]) => ({ min: powers, max: powers, last: powers });

const envelope: Envelope = {
  ...{ module: 4, from: 1000, to: 1010, column_s: 1, unit: "dBm", cursor: "abcdefgh-10" },
  time: [1000, 1001, 1002],
  ...{ ch1: trace(-1, -2, -3), ch2: trace(0, 0, 0), ch3: trace(0, 0, 0), ch4: trace(0, 0, 0) },
  gaps: [],
};

const reading = (timestamp: number, ch1_power: number | null, unit: Data["unit"] = "dBm"): Data => ({
  ...{ type: "data", timestamp, module: 4, wavelength_nm: 1310, unit, cursor: "abcdefgh-11" },
  ...{ ch1_power, ch2_power: 0, ch3_power: 0, ch4_power: 0 },
});

const add = (series: ReturnType<typeof seriesOf>, timestamp: number, power: number | null) =>
  addReading(series, reading(timestamp, power), "agent", "it went");

Deno.test("series - a reading widens its column, or begins the next on the same grid", () => {
  const series = seriesOf(envelope);
  add(series, 1002.5, -9);
  add(series, 1002.7, 4);
  add(series, 1004.2, -5);
  assert.deepEqual(series.time, [1000, 1001, 1002, 1004]);
  const [first] = series.traces;
  assert.deepEqual(first?.min, [-1, -2, -9, -5]);
  assert.deepEqual(first?.max, [-1, -2, 4, -5]);
  assert.deepEqual(first?.last, [-1, -2, 4, -5]);
});

Deno.test("series - it does not write into the envelope that it was made of", () => {
  add(seriesOf(envelope), 1002.5, -9);
  assert.deepEqual(envelope.ch1.min, [-1, -2, -3]);
});

Deno.test("series - between an envelope and the next reading there is no gap, however wide its columns are", () => {
  const series = seriesOf({ ...envelope, column_s: 100, time: [800, 900] });
  add(series, 1010.1, -1);
  assert.deepEqual(series.gaps, []);
});

Deno.test("series - a reading after more than three seconds ends a gap with the name of what was wrong", () => {
  const series = seriesOf(envelope);
  add(series, 1012, -1);
  assert.deepEqual(series.gaps, []);
  add(series, 1015.5, -1);
  assert.deepEqual(series.gaps, [{ from: 1012, to: 1015.5, reason: "agent", message: "it went" }]);
});

Deno.test("series - a gap at the end of an envelope stays open until a reading ends it", () => {
  const silent = { from: 1002.9, to: 1010, reason: "instrument", message: "silent" } as const;
  const series = seriesOf({ ...envelope, gaps: [silent] });
  assert.deepEqual(series.gaps, []);
  add(series, 1020, -1);
  assert.deepEqual(series.gaps.map(({ from, to }) => [from, to]), [[1002.9, 1020]]);
});

Deno.test("series - what runs out of the plot is dropped, but for the column that the line comes from", () => {
  const series = seriesOf({ ...envelope, gaps: [{ from: 900, to: 950, reason: "unknown", message: "" }] });
  dropBefore(series, 1001.5);
  assert.deepEqual(series.time, [1001, 1002]);
  assert.deepEqual(series.traces[0]?.last, [-2, -3]);
  assert.deepEqual(series.gaps, []);
});

Deno.test("series - extremes leave out columns without a number, and there are none without any", () => {
  assert.deepEqual(extremes({ min: [null, -3], max: [null, 2], last: [null, 1] }), { low: -3, high: 2 });
  assert.equal(extremes({ min: [null], max: [null], last: [null] }), null);
});

Deno.test("series - milliwatts of a reading become dBm, and dBm milliwatts", () => {
  const series = seriesOf(envelope);
  addReading(series, reading(1003.5, 2, "mW"), "unknown", "");
  addReading(series, reading(1004.5, 0, "mW"), "unknown", "");
  assert.deepEqual(series.traces[0]?.last.slice(3), [10 * Math.log10(2), null]);
  assert.equal(inUnit(-30, "mW"), 0.001);
});

Deno.test("plot data - an empty column stands in every gap, so that no line is drawn across it", () => {
  const series = seriesOf(envelope);
  const gaps = [{ from: 1000.5, to: 1001, reason: "agent", message: "" } as const];
  const [times, greatest] = plotData({ series, gaps, unit: "dBm", from: 1000, to: 1010 }, 0);
  assert.deepEqual([...times], [1000, 1000.75, 1001, 1002]);
  assert.deepEqual([...greatest ?? []], [-1, null, -2, -3]);
});

Deno.test("ranges, times and addresses are written as the pages need them", () => {
  assert.equal(rangeNamed("6h").seconds, 21_600);
  assert.equal(rangeNamed("a year").name, "10m");
  assert.equal(formatTime(0, 60), "00:00:00 UTC");
  assert.equal(formatTime(0, 86_400), "1970-01-01 00:00 UTC");
  assert.equal(formatSpan({ from: 0, to: 60 }, 60), "00:00:00 to 00:01:00 UTC");
  assert.equal(formatSpan({ from: 0, to: 60 }, 86_400), "1970-01-01 00:00 to 00:01 UTC");
  assert.equal(exportAddress(4, 1.5, 2), "/api/v1/history.csv?module=4&from=1.500&to=2.000");
});

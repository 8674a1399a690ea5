import assert from "node:assert/strict";
import { LiveSeries } from "../../components/live_series.ts";
import type { Data, Envelope, Fault } from "../../lib/protocol/mod.ts";

const flat = { min: [0, 0], max: [0, 0], last: [0, 0] };
const envelope: Envelope = {
  ...{ module: 4, from: 1000, to: 1002, column_s: 1, unit: "dBm", cursor: "abcdefgh-20" },
  ...{ time: [1000, 1001], ch1: flat, ch2: flat, ch3: flat, ch4: flat, gaps: [] },
};

const reading = (seq: number, timestamp: number): Data => ({
  ...{ type: "data", timestamp, module: 4, wavelength_nm: 1310, unit: "dBm", cursor: `abcdefgh-${seq}` },
  ...{ ch1_power: -seq, ch2_power: 0, ch3_power: 0, ch4_power: 0 },
});

const fault: Fault = {
  ...{ source: "instrument", code: "instrument_fault", message: "silent", recoverable: true },
  ...{ error_count: 1, since: "2026-01-01T00:00:00Z" },
};

Deno.test("live series - readings that came while an envelope was fetched are put in once", () => {
  const series = new LiveSeries(() => 1005, () => null);
  series.await();
  series.take([reading(19, 1001.5), reading(20, 1001.9)]);
  series.take([reading(21, 1003)]);
  series.begin(envelope);
  series.take([reading(22, 1004)]);
  const { series: { time, traces } } = series.view(60, "dBm");
  assert.deepEqual(time, [1000, 1001, 1003, 1004]);
  assert.deepEqual(traces[0]?.last, [0, 0, -21, -22]);
});

Deno.test("live series - a reading of a new epoch follows an envelope of the old one", () => {
  const series = new LiveSeries(() => 1005, () => null);
  series.await();
  series.take([{ ...reading(1, 1003), cursor: "zyxwvuts-1" }]);
  series.begin(envelope);
  assert.deepEqual(series.view(60, "dBm").series.time, [1000, 1001, 1003]);
});

Deno.test("live series - when an envelope does not come, what was shown before goes on", () => {
  const series = new LiveSeries(() => 1005, () => null);
  series.begin(envelope);
  series.await();
  series.take([reading(21, 1003)]);
  series.begin(null);
  assert.deepEqual(series.view(60, "dBm").series.time, [1000, 1001, 1003]);
});

Deno.test("live series - a gap has the name of the fault while it lasts, and when it is over", () => {
  let nowS = 1003;
  let now: Fault | null = null;
  const series = new LiveSeries(() => nowS, () => now);
  series.begin(envelope);
  assert.deepEqual(series.view(60, "dBm").gaps, []);
  [nowS, now] = [1010, fault];
  assert.deepEqual(series.view(60, "dBm").gaps, [
    { from: 1002, to: 1010, reason: "instrument", message: "silent" },
  ]);
  // a feed takes its fault back before it hands out the reading
  now = null;
  assert.equal(series.view(60, "dBm").gaps[0]?.reason, "instrument");
  series.take([reading(21, 1012)]);
  nowS = 1013;
  assert.deepEqual(series.view(60, "dBm").gaps, [
    { from: 1002, to: 1012, reason: "instrument", message: "silent" },
  ]);
  nowS = 1020;
  assert.equal(series.view(60, "dBm").gaps.at(-1)?.reason, "awaited");
});

Deno.test("live series - a clock that lags behind the readings does not hide them", () => {
  const series = new LiveSeries(() => 900, () => null);
  series.begin(envelope);
  series.take([reading(21, 1003)]);
  assert.deepEqual([series.nowS(), series.view(60, "dBm").to], [1003, 1003]);
});

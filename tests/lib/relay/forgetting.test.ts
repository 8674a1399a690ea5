// What the history keeps beside its readings does not outlive them.

import assert from "node:assert/strict";
import { Stream } from "../../../lib/relay/fanout/stream.ts";
import { History } from "../../../lib/relay/history/history.ts";
import { Metrics } from "../../../lib/relay/metrics/metrics.ts";
import { readingAt, readingsFrom } from "../../support/reading.ts";

const station = "bench-1";
const boot = "boot0001";
const weekMs = 7 * 24 * 3600 * 1000;
const always = { module: 4, from: 0, to: 10_000 };

interface OpenHistory extends Disposable {
  readonly history: History;
}

function openHistory(): OpenHistory {
  const history = new History(":memory:", () => "abcdefgh");
  return { history, [Symbol.dispose]: () => history.close() };
}

Deno.test("faults that ended longer ago than the history reaches are forgotten, and no others", () => {
  using opened = openHistory();
  const { outages } = opened.history;
  const stream = new Stream(4, { type: "data", ...readingAt(10), cursor: "abcdefgh-1" }, new Metrics(), 0);
  const watch = (nowS: number) => outages.watch([stream], nowS * 1000, 75_000);
  const failFrom = (nowS: number) =>
    stream.report(
      { source: "agent", code: "agent_silent", message: "Silent.", recoverable: true },
      nowS * 1000,
    );
  const begins = () => outages.between(4, always.from, always.to).map(({ since, until }) => [since, until]);
  watch(10);
  for (const since of [20, 50]) {
    failFrom(since);
    watch(since + 5);
    stream.recover((since + 5) * 1000);
  }
  failFrom(99);
  watch(100);
  assert.deepEqual(begins(), [[99, 100], [50, 55], [20, 25]]);
  watch(101);
  assert.deepEqual(begins(), [[99, 101], [50, 55]]);
});

Deno.test("runs of an agent are forgotten with the readings, but none within a week", () => {
  using opened = openHistory();
  const { history } = opened;
  for (const [boot, nowMs] of [["boot0001", 0], ["boot0002", 1000]] as const) {
    history.store({ station, boot, first: 1, items: readingsFrom(1, 5) }, nowMs);
  }
  const known = () => ["boot0002", "boot0001"].map((boot) => history.through(station, boot));
  history.prune(weekMs, 0, 1000);
  assert.deepEqual(known(), [5, 5]);
  history.prune(weekMs + 1000, 2 * weekMs, 1000);
  assert.deepEqual(known(), [5, 5]);
  history.prune(weekMs + 1000, 0, 1000);
  // The newest run of a station is known whatever the database says: now it is another.
  history.through(station, "boot0003");
  assert.deepEqual(known(), [5, null]);
});

Deno.test("blocks and silences go with the readings that they sum up", () => {
  using opened = openHistory();
  const { history } = opened;
  // A silence of 100 s, then readings 101 to 300.
  const items = [...readingsFrom(1, 100, 1), ...readingsFrom(200, 200, 1)];
  history.store({ station, boot, first: 1, items }, 0);
  history.summarize();
  const kept = () => {
    const last = history.extent(4)?.last ?? 0;
    return { ...history.blocks.bounds(always), silences: history.blocks.silences(always, last) };
  };
  assert.deepEqual(kept(), { first: 0, last: 255, silences: [{ from: 100, to: 200 }] });
  history.prune(400_000, 20_000, 1000);
  assert.deepEqual(history.extent(4), { first: 281, last: 300 });
  history.store({ station, boot, first: 301, items: readingsFrom(400, 200, 1) }, 0);
  history.summarize();
  assert.deepEqual(kept(), { first: 256, last: 383, silences: [] });
});

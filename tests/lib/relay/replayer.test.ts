import assert from "node:assert/strict";
import type { Cursor, Replay as ReplayMessage } from "../../../lib/protocol/mod.ts";
import type { Outgoing } from "../../../lib/relay/fanout/outgoing.ts";
import { type Replay, Replayer } from "../../../lib/relay/fanout/replayer.ts";
import { Keeper } from "../../../lib/relay/history/keeper.ts";
import { until } from "../../support/until.ts";
import { keptLog } from "./support.ts";
import { readingAt } from "../../support/reading.ts";

const boot = "boot0001";

function keeperWith(stored: number): Keeper {
  const keeper = new Keeper(":memory:", keptLog(), Date.now);
  for (let first = 1; first <= stored; first += 50) store(keeper, first, 50);
  return keeper;
}

function store(keeper: Keeper, first: number, count: number): void {
  const items = Array.from({ length: count }, (_, index) => readingAt(first + index));
  keeper.use((history) => history.store({ station: "bench-1", boot, first, items }, Date.now()));
}

/** A viewer that reads everything: what it got, and whether its replay is over. */
class Returning implements Replay {
  readonly module = 4;
  readonly ended = false;
  readonly blocked = false;
  frames = 0;
  got = 0;
  isLive = false;
  since: Cursor;

  constructor(keeper: Keeper, seq: number) {
    this.since = { epoch: keeper.use(({ epoch }) => epoch), seq };
  }

  send({ message }: Outgoing<ReplayMessage>): void {
    this.frames += 1;
    this.got += message.readings.length;
  }

  live(): void {
    this.isLive = true;
  }

  fail(error: unknown): void {
    assert.fail(String(error));
  }
}

/** Replays a long history while a timer keeps the relay busy for `busyMs` of every 10 ms; the frames of half a second. */
async function framesBeside(busyMs: number): Promise<number> {
  const keeper = keeperWith(60_000);
  const replayer = new Replayer(keeper, Date.now);
  const viewer = new Returning(keeper, 0);
  const busy = setInterval(() => {
    const untilMs = performance.now() + busyMs;
    while (performance.now() < untilMs);
  }, 10);
  const startedMs = performance.now();
  replayer.start(viewer);
  await until("half a second", () => viewer.isLive || performance.now() - startedMs > 500, { everyMs: 5 });
  clearInterval(busy);
  replayer.close();
  keeper.close();
  return viewer.frames;
}

Deno.test("a replay goes fast in a relay that has nothing else to do, and gives way where live readings keep it busy", async () => {
  const [idle, busy] = [await framesBeside(0), await framesBeside(8)];
  assert.ok(busy < 100, `${busy} frames in half a second beside live readings`);
  assert.ok(busy > 2, `${busy} frames in half a second beside live readings`);
  assert.ok(idle > 1.5 * busy, `${idle} frames in half a second alone, ${busy} beside live readings`);
});

for (const [how, apart] of [["at the same place", 0], ["each at a place of its own", 1]] as const) {
  Deno.test(`a thousand viewers that come back ${how} catch up with a stream that goes on at 100 Hz`, async () => {
    const [stored, missed, count] = [5000, 500, 1000];
    const keeper = keeperWith(stored);
    const replayer = new Replayer(keeper, Date.now);
    let last = stored;
    const startedMs = performance.now();
    const live = setInterval(() => {
      const due = stored + Math.floor((performance.now() - startedMs) / 10);
      for (; last < due; last += 1) store(keeper, last + 1, 1);
    }, 10);
    const viewers = Array.from(
      { length: count },
      (_, index) => new Returning(keeper, stored - missed - apart * index),
    );
    for (const viewer of viewers) replayer.start(viewer);
    await until("the last one", () => viewers.every(({ isLive }) => isLive), { timeoutMs: 15_000 });
    clearInterval(live);
    assert.ok(viewers.every(({ got }, index) => got >= missed + apart * index));
    replayer.close();
    keeper.close();
  });
}

import assert from "node:assert/strict";
import { Replayer } from "../../../lib/relay/fanout/replayer.ts";
import { Keeper } from "../../../lib/relay/history/keeper.ts";
import { until } from "../../support/until.ts";
import { keptLog, readingAt } from "./support.ts";

const stored = 60_000;

/** Replays a long history while a timer keeps the relay busy for `busyMs` of every 10 ms; the frames of half a second. */
async function framesBeside(busyMs: number): Promise<number> {
  const keeper = new Keeper(":memory:", keptLog(), Date.now);
  const boot = "boot0001";
  for (let first = 1; first <= stored; first += 50) {
    const items = Array.from({ length: 50 }, (_, index) => readingAt(first + index));
    keeper.use((history) => history.store({ station: "bench-1", boot, first, items }, Date.now()));
  }
  const replayer = new Replayer(keeper);
  let frames = 0;
  let live = false;
  const busy = setInterval(() => {
    const untilMs = performance.now() + busyMs;
    while (performance.now() < untilMs);
  }, 10);
  const startedMs = performance.now();
  replayer.start({
    module: 4,
    since: { epoch: keeper.use(({ epoch }) => epoch), seq: 0 },
    ended: false,
    blocked: false,
    send: () => frames += 1,
    live: () => live = true,
    fail: (error) => assert.fail(String(error)),
  });
  await until("half a second", () => live || performance.now() - startedMs > 500, { everyMs: 5 });
  clearInterval(busy);
  replayer.close();
  keeper.close();
  return frames;
}

Deno.test("a replay goes fast in a relay that has nothing else to do, and gives way where live readings keep it busy", async () => {
  const [idle, busy] = [await framesBeside(0), await framesBeside(8)];
  assert.ok(busy < 25, `${busy} frames in half a second beside live readings`);
  assert.ok(busy > 2, `${busy} frames in half a second beside live readings`);
  assert.ok(idle > 1.5 * busy, `${idle} frames in half a second alone, ${busy} beside live readings`);
});

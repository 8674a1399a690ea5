import assert from "node:assert/strict";
import { Schedule, systemClock } from "../../agent/clock.ts";

Deno.test("schedule - moments do not drift, however long the work between them takes", () => {
  const schedule = new Schedule(100, 1000);
  let nowMs = 1000;
  const moments: number[] = [];
  for (const workMs of [3, 60, 0, 99, 7, 31]) {
    nowMs += schedule.next(nowMs);
    moments.push(nowMs);
    nowMs += workMs;
  }
  assert.deepEqual(moments, [1000, 1100, 1200, 1300, 1400, 1500]);
});

Deno.test("schedule - work slower than the period goes on without a pause", () => {
  const schedule = new Schedule(100, 0);
  let nowMs = 0;
  for (let i = 0; i < 10; i++) {
    assert.equal(schedule.next(nowMs), 0);
    nowMs += 130;
  }
});

Deno.test("schedule - after a long pause nothing is made up for", () => {
  const schedule = new Schedule(100, 0);
  schedule.next(0);
  assert.equal(schedule.next(10_000), 0);
  assert.equal(schedule.next(10_000), 50);
  assert.equal(schedule.next(10_050), 100);
});

Deno.test("clock - follows the wall clock forward, and never goes back", () => {
  let wallMs = 1_700_000_000_000;
  let monotonicMs = 0;
  const clock = systemClock(() => wallMs, () => monotonicMs);
  const pass = (ms: number) => {
    wallMs += ms;
    monotonicMs += ms;
    return clock.unixSeconds();
  };
  assert.equal(pass(0), 1_700_000_000);
  assert.equal(pass(100), 1_700_000_000.1);
  wallMs += 5000;
  assert.equal(pass(100), 1_700_000_005.2);
  wallMs -= 1000;
  let last = 1_700_000_005.2;
  for (let i = 0; i < 19; i++) {
    const next = pass(100);
    assert.ok(next > last && next - last < 0.0501, `${last} ${next}`);
    last = next;
  }
  pass(200);
  assert.equal(pass(100), wallMs / 1000);
});

Deno.test("clock - two looks within a millisecond differ", () => {
  const clock = systemClock(() => 1_700_000_000_000, () => 0);
  assert.ok(clock.unixSeconds() < clock.unixSeconds());
});

Deno.test("clock - sleep ends early when it is aborted", async () => {
  const controller = new AbortController();
  const sleeping = systemClock().sleep(60_000, controller.signal);
  controller.abort();
  await sleeping;
  await systemClock().sleep(60_000, controller.signal);
});

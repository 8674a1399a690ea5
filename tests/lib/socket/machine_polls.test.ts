// The machine's polls: how often while there is no socket, which kind, and when they end, each by an event list.

import assert from "node:assert/strict";
import { defaultPolicy, type Effect } from "../../../lib/socket/mod.ts";
import { closed, Drive, heard } from "./drive.ts";

/** Lets `ms` pass; each poll is answered 300 ms later as `answer` says. Answers with [s since the start, effect] of every poll. */
function polls(drive: Drive, ms: number, answer: (effect: Effect) => boolean): [number, Effect][] {
  const start = drive.at;
  const log: [number, Effect][] = [];
  while (drive.at < start + ms) {
    const before = drive.at;
    for (const [after, effect] of drive.pass(100)) {
      if (effect !== "poll" && effect !== "long_poll") continue;
      log.push([(before + after - start) / 1000, effect]);
      drive.at += 300;
      drive.feed({ type: "polled", ok: answer(effect) });
    }
  }
  return log;
}

Deno.test("the ladder: after a second of grace a poll, and while they are answered long polls, a second apart at least", () => {
  const drive = new Drive();
  drive.feed("connect", "unsupported");
  assert.deepEqual(polls(drive, 4_000, () => true), [[1, "poll"], [2, "long_poll"], [3, "long_poll"], [
    4,
    "long_poll",
  ]]);
  assert.equal(drive.state.polling, true);
});

Deno.test("the ladder: a long poll may take 20 s, and 10 more before it is abandoned; then comes a plain poll", () => {
  const drive = new Drive();
  drive.feed("connect", "unsupported");
  drive.pass(1_000);
  drive.feed({ type: "polled", ok: true });
  assert.deepEqual(drive.pass(31_000), [[1_000, "long_poll"], [31_000, "abandon"], [31_000, "poll"]]);
});

Deno.test("the ladder: where long polls fail and plain ones do not, plain ones every 2 s it is, for good", () => {
  const drive = new Drive();
  drive.feed("connect", "unsupported");
  const log = polls(drive, 13_000, (effect) => effect === "poll");
  assert.deepEqual(log.map(([s, effect]) => `${s} ${effect}`), [
    "1 poll",
    "2 long_poll",
    "4 poll",
    "5 long_poll",
    "7 poll",
    "9 poll",
    "11 poll",
    "13 poll",
  ]);
});

Deno.test("the ladder: what was learnt of long polls is remembered beyond the next connection", () => {
  const drive = new Drive(defaultPolicy);
  drive.feed("connect", closed(1006));
  polls(drive, 10_000, (effect) => effect === "poll");
  drive.feed("reconnect", "opened", heard, "reconnect");
  const log = polls(drive, 8_000, () => true);
  assert.ok(log.length >= 3 && log.every(([, effect]) => effect === "poll"));
});

Deno.test("the ladder: at the tenth unanswered poll it asks every 10 s, at the twentieth every 30 s; an answer leads back", () => {
  const drive = new Drive();
  drive.feed("connect", "unsupported");
  let count = 0;
  const log = polls(drive, 303_000, () => ++count > 25);
  const gaps = log.map(([s], index) => Math.round(s - (log[index - 1]?.[0] ?? 0)));
  assert.deepEqual(gaps.slice(0, 28), [
    1,
    ...Array(9).fill(2),
    ...Array(10).fill(10),
    ...Array(6).fill(30),
    1,
    1,
  ]);
});

Deno.test("a poll that is not answered in 10 s is abandoned, and counts as unanswered", () => {
  const drive = new Drive();
  drive.feed("connect", "unsupported");
  assert.deepEqual(drive.pass(11_000), [[1_000, "poll"], [11_000, "abandon"], [11_000, "poll"]]);
  assert.deepEqual([drive.state.unanswered, drive.state.polling], [1, false]);
});

Deno.test("the socket coming back ends the polls, the one under way too", () => {
  const drive = new Drive();
  drive.feed("connect", closed(1006));
  drive.random = 1;
  assert.deepEqual(drive.pass(1_000).map(([, effect]) => effect).sort(), ["open", "poll"]);
  assert.deepEqual(drive.feed("opened"), ["abandon"]);
  assert.deepEqual([drive.state.due.poll, drive.state.polling], [undefined, false]);
});

Deno.test("a connection that returns within a second never polls", () => {
  const drive = new Drive();
  drive.feed("connect", "opened", heard, closed(1006));
  drive.pass(750);
  assert.deepEqual(drive.feed("opened"), []);
  assert.ok(!drive.effects.includes("poll"));
});

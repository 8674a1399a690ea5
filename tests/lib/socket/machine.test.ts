// The machine in time: backoff, heartbeats, and what the relay says, each by an event list. Not here: polls
// (machine_polls.test.ts).

import assert from "node:assert/strict";
import { defaultPolicy } from "../../../lib/socket/mod.ts";
import { closed, Drive, heard, label, pong, told } from "./drive.ts";

const withoutPolls = { ...defaultPolicy, polls: false };

function failures(drive: Drive, count: number): number[] {
  const delays: number[] = [];
  for (let n = 0; n < count; n++) {
    drive.feed(closed(1006));
    const from = drive.at;
    if (drive.state.due.retry === undefined) break;
    delays.push(drive.state.due.retry - from);
    drive.pass(drive.state.due.retry - from);
  }
  return delays;
}

Deno.test("the delay before attempt n is drawn evenly from [d/2, d], d = min(30 s, 1 s · 2ⁿ⁻¹)", () => {
  for (const [random, share] of [[0, 0.5], [0.5, 0.75], [1, 1]] as const) {
    const drive = new Drive(withoutPolls);
    drive.random = random;
    drive.feed("connect");
    assert.deepEqual(
      failures(drive, 10),
      [1, 2, 4, 8, 16, 30, 30, 30, 30, 30].map((seconds) => seconds * 1000 * share),
    );
  }
});

Deno.test("after ten failed attempts to come back it gives up, says so, and polls go on", () => {
  const drive = new Drive();
  drive.feed("connect", "opened", heard);
  assert.equal(failures(drive, 20).length, 10);
  assert.deepEqual([drive.state.name, drive.state.why, drive.state.failures], [
    "disconnected",
    "gave_up",
    11,
  ]);
  assert.ok(drive.pass(60_000).some(([, effect]) => effect === "poll"));
});

for (const event of ["reconnect", "online", "visible", "connect"] as const) {
  Deno.test(`having given up, "${event}" starts again with no failure held against it`, () => {
    const drive = new Drive(withoutPolls);
    drive.feed("connect");
    failures(drive, 11);
    assert.deepEqual(drive.feed(event), ["open"]);
    assert.deepEqual([label(drive.state), drive.state.failures], ["connecting", 0]);
  });
}

Deno.test("an attempt that has not opened in 10 s has failed, and its socket is closed", () => {
  const drive = new Drive(withoutPolls);
  drive.feed("connect");
  assert.deepEqual(drive.pass(10_000), [[10_000, "close"]]);
  assert.deepEqual([label(drive.state), drive.state.lastError], ["waiting", "no connection for 10 s"]);
});

Deno.test("a socket that neither held for 5 s nor delivered a message is one more failure of the row", () => {
  const drive = new Drive(withoutPolls);
  drive.feed("connect", closed(1006));
  drive.pass(1_000);
  drive.feed("opened");
  drive.pass(999);
  drive.feed(closed(1006));
  assert.equal(drive.state.failures, 2);
});

Deno.test("a socket that delivered a message ends the row of failures", () => {
  const drive = new Drive(withoutPolls);
  drive.feed("connect", closed(1006));
  drive.pass(1_000);
  drive.feed("opened", heard, closed(1006));
  assert.equal(drive.state.failures, 1);
});

Deno.test("a socket that held for 5 s ends the row of failures, by the clock even when no tick came", () => {
  const drive = new Drive(withoutPolls);
  drive.feed("connect", closed(1006));
  drive.pass(1_000);
  drive.feed("hidden", "opened");
  drive.at += 5_000;
  drive.feed(closed(1006));
  assert.equal(drive.state.failures, 1);
});

Deno.test("a socket that held for 5 s and then went silent begins a new row of failures", () => {
  const drive = new Drive(withoutPolls);
  drive.feed("connect", closed(1006));
  drive.pass(1_000);
  drive.feed("opened");
  drive.pass(7_000);
  assert.deepEqual([drive.state.lastError, drive.state.failures], ["no pong for 5 s", 1]);
});

Deno.test("`since` tells since when there is a connection, and without one when the other side was last heard", () => {
  const drive = new Drive(withoutPolls);
  drive.feed("connect", "opened");
  const start = drive.at;
  drive.pass(500);
  drive.feed(heard);
  assert.equal(drive.state.since, start);
  drive.pass(200);
  drive.feed(closed(1006));
  assert.deepEqual([drive.state.name, drive.state.since], ["reconnecting", start + 500]);
  drive.pass(400_000);
  assert.deepEqual([drive.state.name, drive.state.since], ["disconnected", start + 500]);
  drive.feed("reconnect");
  assert.deepEqual([drive.state.name, drive.state.since], ["reconnecting", start + 500]);
  drive.feed("opened");
  assert.equal(drive.state.since, drive.at);
});

Deno.test("a pong that nobody asked for tells no round trip", () => {
  const drive = new Drive();
  drive.feed("connect", "opened", pong);
  assert.equal(drive.state.roundTripMs, null);
});

Deno.test("a connection that hears nothing but its pongs lives on; each ping comes 30 s after the one before", () => {
  const drive = new Drive();
  drive.feed("connect", "opened");
  const pings: number[] = [];
  const start = drive.at;
  while (drive.at < start + 200_000) {
    for (const [ms, effect] of drive.pass(100)) {
      assert.equal(effect, "ping");
      pings.push(drive.at - 100 + ms - start);
      drive.feed(pong);
    }
  }
  assert.deepEqual(pings, [1_000, 31_000, 61_000, 91_000, 121_000, 151_000, 181_000]);
  assert.equal(drive.state.name, "connected");
});

Deno.test("no pong for 5 s of a ping takes the socket for dead, though readings still come", () => {
  const drive = new Drive(withoutPolls);
  drive.feed("connect", "opened");
  assert.deepEqual(drive.pass(1_000), [[1_000, "ping"]]);
  drive.at += 4_000;
  drive.feed(heard);
  assert.deepEqual(drive.pass(1_000), [[1_000, "close"]]);
  assert.deepEqual([label(drive.state), drive.state.lastError], ["waiting", "no pong for 5 s"]);
});

Deno.test("the round trip is the time from a ping to its pong", () => {
  const drive = new Drive();
  drive.feed("connect", "opened");
  drive.pass(1_000);
  drive.at += 42;
  drive.feed(pong);
  assert.equal(drive.state.roundTripMs, 42);
});

Deno.test("a hidden tab sends no pings, and 60 s of silence end its connection", () => {
  const drive = new Drive(withoutPolls);
  drive.feed("connect", "opened", "hidden");
  assert.deepEqual(drive.pass(60_000), [[60_000, "close"]]);
  assert.equal(drive.state.lastError, "nothing heard for 60 s");
});

Deno.test("a hidden tab that hears the heartbeat every 30 s stays connected for an hour", () => {
  const drive = new Drive();
  drive.feed("connect", "opened", "hidden");
  for (let n = 0; n < 120; n++) {
    assert.deepEqual(drive.pass(30_000), []);
    drive.feed(heard);
  }
  assert.equal(drive.state.name, "connected");
});

Deno.test("a tab that becomes visible pings at once, and reconnects when 5 s bring nothing", () => {
  const drive = new Drive(withoutPolls);
  drive.feed("connect", "opened", "hidden");
  drive.pass(20_000);
  assert.deepEqual(drive.feed("visible"), ["ping"]);
  assert.deepEqual(drive.pass(5_000), [[5_000, "close"]]);
});

Deno.test("one tick after a long sleep is enough to see that the connection is dead", () => {
  const drive = new Drive(withoutPolls);
  drive.feed("connect", "opened", heard);
  drive.at += 8 * 3_600_000;
  assert.deepEqual(drive.feed("tick"), ["close"]);
  assert.equal(drive.state.failures, 1);
});

Deno.test("the relay's `reconnect` gives the slot in which to return, and the close that follows is no failure", () => {
  for (const code of [1012, 1001, 1006]) {
    const drive = new Drive(withoutPolls);
    drive.feed("connect", "opened", told);
    drive.at += 500;
    drive.feed(closed(code));
    assert.equal(drive.state.failures, 0);
    assert.deepEqual(drive.pass(7_000), [[6_500, "open"]]);
  }
});

Deno.test("a relay that says `reconnect` and does not close is left when the slot comes", () => {
  const drive = new Drive(withoutPolls);
  drive.feed("connect", "opened", pong, told);
  drive.pass(1_000);
  drive.feed(pong);
  assert.deepEqual(drive.pass(6_000), [[6_000, "close"], [6_000, "open"]]);
});

Deno.test("1012 and 1013 without a word wait 2.5 to 5 s and count nothing, however often", () => {
  const drive = new Drive(withoutPolls);
  drive.feed("connect");
  for (let n = 0; n < 30; n++) {
    drive.random = n / 30;
    drive.feed(closed(n % 2 ? 1012 : 1013, "try again later"));
    const delay = (drive.state.due.retry ?? 0) - drive.at;
    assert.ok(delay >= 2_500 && delay <= 5_000, `${delay} ms`);
    drive.pass(delay);
  }
  assert.deepEqual([label(drive.state), drive.state.failures], ["connecting", 0]);
});

Deno.test("too slow (4008) returns at once, and counts nothing", () => {
  const drive = new Drive(withoutPolls);
  drive.feed("connect", "opened", heard);
  assert.deepEqual(drive.feed(closed(4008)), ["open"]);
  assert.equal(drive.state.failures, 0);
});

Deno.test("a policy code stops, says why, ends the polls, and neither the network nor the tab starts again", () => {
  const drive = new Drive();
  drive.feed("connect");
  drive.pass(1_000);
  assert.deepEqual(drive.feed(closed(4401, "token expired")), ["abandon"]);
  assert.equal(drive.state.lastError, "token expired (4401)");
  drive.feed("online", "hidden", "visible");
  assert.deepEqual(drive.pass(3_600_000), []);
  assert.equal(drive.state.why, "unauthenticated");
});

Deno.test("a poll that is refused for want of a good token stops like a socket that is", () => {
  const drive = new Drive();
  drive.feed("connect", "opened", heard, closed(1006));
  drive.pass(1_000);
  assert.deepEqual(drive.effects.slice(-2), ["open", "poll"]);
  assert.deepEqual(drive.feed({ type: "polled", ok: null }), ["close"]);
  assert.deepEqual([label(drive.state), drive.state.lastError], ["unauthenticated", "no token (4401)"]);
  assert.deepEqual(drive.pass(3_600_000), []);
});

Deno.test("a refusal that comes when nobody asks any more changes nothing", () => {
  const drive = new Drive();
  drive.feed("connect", "opened", heard);
  assert.deepEqual(drive.feed({ type: "polled", ok: null }), []);
  assert.equal(label(drive.state), "connected");
});

Deno.test("the network gone: a ping tells within 5 s; the network back: the attempt comes at once, not after the backoff", () => {
  const drive = new Drive(withoutPolls);
  drive.feed("connect", "opened", heard);
  assert.deepEqual(drive.feed("offline"), ["ping"]);
  assert.equal(drive.state.online, false);
  assert.deepEqual(drive.pass(5_000), [[5_000, "close"]]);
  drive.at += 100;
  assert.deepEqual(drive.feed("online"), ["open"]);
});

Deno.test("a page in the back-forward cache holds no socket, timer or poll, and connects when it comes back", () => {
  const drive = new Drive();
  drive.feed("connect");
  drive.pass(1_000);
  assert.deepEqual(drive.feed("pagehide"), ["close", "abandon"]);
  assert.deepEqual(drive.pass(3_600_000), []);
  assert.deepEqual(drive.feed("pageshow"), ["open"]);
});

Deno.test("every state survives JSON", () => {
  const drive = new Drive();
  drive.feed("connect", "opened", pong, told, closed(1012));
  const copy = new Drive();
  copy.state = JSON.parse(JSON.stringify(drive.state));
  copy.at = drive.at;
  assert.deepEqual(copy.pass(20_000), drive.pass(20_000));
  assert.equal(JSON.stringify(copy.state), JSON.stringify(drive.state));
});

// The feed over a real server: sockets and polls behind one cursor.

import assert from "node:assert/strict";
import type { Data, Missing } from "../../../lib/protocol/mod.ts";
import { createFeed } from "../../../lib/socket/mod.ts";
import { Bench } from "./bench.ts";
import { page } from "./fetches.ts";
import { epoch, reading, readings, sequence } from "./readings.ts";
import { serve } from "./server.ts";
import { replay, take } from "./take.ts";
import { until } from "./until.ts";

const quick = { initialReconnectDelayMs: 20, maxReconnectDelayMs: 40 };

Deno.test("a feed asks for its module, interval and cursor, and delivers replay and live readings in order, each once", async () => {
  await using server = serve({
    onOpen(socket) {
      socket.send(JSON.stringify({ type: "replay", module: 4, readings: readings(11, 14), complete: true }));
      for (const seq of [14, 15, 16]) socket.send(JSON.stringify(reading(seq)));
    },
  });
  const feed = createFeed({ module: 4, intervalSeconds: 0.5, since: `${epoch}-10`, base: server.base });
  const seen: Data[] = [];
  feed.onReadings((batch) => seen.push(...batch));
  feed.socket.connect();
  await until(feed.latest, (latest) => latest?.cursor === `${epoch}-16`);
  assert.deepEqual(sequence(seen), [11, 12, 13, 14, 15, 16]);
  assert.equal(server.requests[0]?.pathname, "/api/v1/ws/v2/power");
  assert.deepEqual(Object.fromEntries(server.requests[0]?.searchParams ?? []), {
    module: "4",
    interval: "0.5",
    since: `${epoch}-10`,
  });
  assert.deepEqual(feed.counters.peek(), {
    received: 6,
    filled: 4,
    replayed: 0,
    polled: 0,
    folded: 0,
    thinned: 0,
    duplicates: 1,
    missing: 0,
    malformed: 0,
  });
  feed.socket.disconnect();
});

Deno.test("after a cut the feed comes back with the cursor of the reading last seen", async () => {
  await using server = serve({
    onOpen(socket, url) {
      const since = Number(url.searchParams.get("since")?.split("-")[1] ?? 0);
      socket.send(JSON.stringify(reading(since + 1)));
      if (since < 3) socket.close(1011);
    },
  });
  const feed = createFeed({ module: 4, base: server.base, policy: quick });
  feed.socket.connect();
  await until(feed.latest, (latest) => latest?.cursor === `${epoch}-4`);
  assert.deepEqual(server.requests.map((url) => url.searchParams.get("since")), [
    null,
    `${epoch}-1`,
    `${epoch}-2`,
    `${epoch}-3`,
  ]);
  feed.socket.disconnect();
});

Deno.test("what came before, or twice, or from behind the cursor is dropped and counted", async () => {
  const { feed, batches } = await take([
    reading(12),
    reading(12),
    replay(readings(8, 13)),
    reading(11),
    reading(14),
  ]);
  assert.deepEqual(batches, [["12"], ["13"], ["14"]]);
  assert.equal(feed.counters.value.duplicates, 7);
});

Deno.test("what is missing is told once, counted, and stepped over", async () => {
  const hole: Missing = { from: `${epoch}-11`, to: `${epoch}-50`, reason: "history_expired" };
  const { feed, batches } = await take([replay([], hole), replay(readings(51, 52), hole), reading(53)]);
  assert.deepEqual(batches, [["51", "52"], ["53"]]);
  assert.deepEqual([feed.missing.value, feed.counters.value.missing], [[hole], 40]);
});

Deno.test("a history that was replaced: the feed goes on with the new epoch, and late readings of the old one are dropped", async () => {
  const hole: Missing = { from: `${epoch}-11`, to: "newepoch-0", reason: "history_replaced" };
  const { feed, batches } = await take([
    replay([reading(1, { cursor: "newepoch-1" })], hole),
    reading(12),
    replay([reading(1, { cursor: "newepoch-1" })], hole),
    reading(2, { cursor: "newepoch-2" }),
  ]);
  assert.deepEqual(batches, [["newepoch-1"], ["newepoch-2"]]);
  assert.deepEqual([feed.missing.value, feed.counters.value.duplicates], [[hole], 2]);
  assert.equal(feed.cursor(), "newepoch-2");
});

Deno.test("a history that lost its tail, under the same epoch: the feed goes back with it", async () => {
  const hole: Missing = { from: `${epoch}-11`, to: `${epoch}-0`, reason: "history_replaced" };
  const { feed, batches } = await take([replay(readings(1, 2), hole), reading(3)]);
  assert.deepEqual(batches, [["1", "2"], ["3"]]);
  assert.equal(feed.counters.value.missing, 0);
});

const fault = {
  type: "error",
  message: "the instrument does not answer",
  timestamp: "2026-01-01T00:00:09Z",
  recoverable: true,
  error_count: 3,
  code: "no_answer",
  module: 4,
  source: "instrument",
  since: "2026-01-01T00:00:00Z",
};

Deno.test("malformed messages are counted, and neither throw nor stop the good ones", async () => {
  const bad: unknown[] = [
    { ...reading(11), ch1_power: "-17.85" },
    { ...reading(11), ch3_power: undefined },
    { ...reading(11), cursor: "11" },
    { ...reading(11), cursor: 11 },
    { ...reading(11), module: 5 },
    { ...reading(11), timestamp: null },
    { ...reading(11), flags: "invalid" },
    { type: "data" },
    { type: "replay", module: 4 },
    { type: "replay", module: 4, readings: [null, 7, "x", [], reading(11)] },
  ];
  const { feed, batches } = await take([
    ...bad,
    { type: "replay", readings: 7 },
    { type: "unheard of" },
    fault,
    reading(12),
  ]);
  assert.deepEqual(batches, [["11"], ["12"]]);
  assert.equal(feed.counters.value.malformed, 14);
});

Deno.test("an `error` of the stream is a fault until the next reading; one about a message of ours is none", async () => {
  const { feed } = await take([fault]);
  assert.deepEqual(
    [feed.fault.value?.source, feed.fault.value?.error_count, feed.fault.value?.since],
    ["instrument", 3, "2026-01-01T00:00:00Z"],
  );
  assert.equal((await take([fault, reading(11)])).feed.fault.value, null);
  const ours = {
    type: "error",
    message: "?",
    timestamp: "",
    recoverable: true,
    error_count: 1,
    code: "bad_message",
  };
  assert.equal((await take([ours])).feed.fault.value, null);
});

Deno.test("a poll tells the fault, too, and its cursor is where the next one goes on", async () => {
  const { type: _type, timestamp: _timestamp, module: _module, ...told } = fault;
  await using server = serve({
    answer: () => Response.json({ readings: [], cursor: `${epoch}-77`, fault: told }),
  });
  const bench = new Bench();
  const feed = createFeed({ module: 4, base: server.base, enabled: false, ...bench.options });
  feed.socket.connect();
  bench.advance(1_000);
  await until(feed.fault, (fault) => fault?.source === "instrument");
  assert.equal(feed.cursor(), `${epoch}-77`);
  feed.socket.disconnect();
});

Deno.test("which lasers shine is told by the socket and by polls; what is no text is not believed", async () => {
  const told = (words: unknown) => ({ type: "lasers", data: { words }, timestamp: "" });
  const heard: string[] = [];
  const onLit = (words: string) => void heard.push(words);
  await take([reading(11), told("Laser 3 is on"), told(7), { type: "lasers" }, told("")], { onLit });
  assert.deepEqual(heard, ["Laser 3 is on", ""]);

  await using server = serve({
    answer: () => Response.json({ readings: [], cursor: null, lasers: { words: "Laser 5 is on" } }),
  });
  const bench = new Bench();
  const lit = Promise.withResolvers<string>();
  const feed = createFeed({
    module: 4,
    base: server.base,
    enabled: false,
    onLit: lit.resolve,
    ...bench.options,
  });
  feed.socket.connect();
  bench.advance(1_000);
  assert.equal(await lit.promise, "Laser 5 is on");
  feed.socket.disconnect();
});

Deno.test("a listener that has been taken away hears nothing more; after `disconnect` no timer is left", async () => {
  await using server = serve({ onOpen: (socket) => socket.send(JSON.stringify(reading(1))) });
  const bench = new Bench();
  const feed = createFeed({ module: 4, base: server.base, ...bench.options });
  let heard = 0;
  const stop = feed.onReadings(() => heard++);
  stop();
  feed.socket.connect();
  await until(feed.latest, (latest) => latest !== null);
  assert.deepEqual([heard, bench.timers], [0, 1]);
  feed.socket.disconnect();
  assert.equal(bench.timers, 0);
});

Deno.test("a token is asked for before each attempt and each poll", async () => {
  await using server = serve({ refuses: () => true, answer: () => page(readings(1, 2)) });
  const bench = new Bench();
  let asked = 0;
  const feed = createFeed({
    module: 4,
    base: server.base,
    token: () => Promise.resolve(`t&${++asked}`),
    ...bench.options,
  });
  feed.socket.connect();
  await until(feed.socket.state, (state) => state === "reconnecting");
  bench.advance(1_000);
  await until(feed.socket.polling, (polling) => polling);
  await server.until(({ requests }) => requests.length === 3);
  assert.deepEqual(server.requests.map(({ searchParams }) => searchParams.get("token")).sort(), [
    "t&1",
    "t&2",
    "t&3",
  ]);
  feed.socket.disconnect();
});

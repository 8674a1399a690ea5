// What a viewer of many channels asks for, and leaves again.

import assert from "node:assert/strict";
import { z } from "zod";
import { openWs, ScriptedAgent, sequenceOf, serveRelay } from "./support.ts";
import { readingAt, readingsFrom } from "../../support/reading.ts";
import { until } from "../../support/until.ts";

Deno.test("power channels take an interval and a cursor, and can be left", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host, "boot0001", "bench-1", [4, 5]);
  agent.read(...readingsFrom(1, 30), readingAt(4, { module: 5 }));
  await agent.acknowledged();
  await using client = openWs(served);
  await client.opened;
  client.send({
    type: "subscribe",
    channels: ["power/4"],
    interval: 0.01,
    since: `${served.relay.history().epoch}-10`,
  });
  const replay = await client.next("replay");
  assert.equal(z.array(z.unknown()).parse(replay["readings"]).length, 20);
  client.send({ type: "subscribe", channels: ["power/5"] });
  assert.equal((await client.next("data"))["module"], 5);
  client.send({ type: "unsubscribe", channels: ["power/5"] });
  await client.next("unsubscribed");
  agent.read(readingAt(5, { module: 5 }), readingAt(5));
  await until("module 4's reading", () => client.of("data").find((message) => message["module"] === 4));
  assert.equal(client.of("data").filter((message) => message["module"] === 5).length, 1);
});

Deno.test("subscribing again to a power channel replaces its interval, and doubles nothing", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  await using client = openWs(served);
  await client.opened;
  client.send({ type: "subscribe", channels: ["power/4"], interval: 10 });
  client.send({ type: "subscribe", channels: ["power/4"], interval: 0.01 });
  await client.next("subscribed", 2);
  for (const reading of readingsFrom(1, 20)) agent.read(reading);
  await client.next("data", 20);
  await agent.acknowledged();
  client.send({ type: "ping" });
  await client.next("pong");
  assert.deepEqual(
    client.of("data").map((message) => sequenceOf(String(message["cursor"]))),
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
});

Deno.test("another interval, or another channel, does not end a replay", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  // Older ones would be pruned meanwhile.
  const startS = Date.now() / 1000 - 600;
  for (let first = 1; first < 3000; first += 50) agent.read(...readingsFrom(startS + first / 10, 50));
  await agent.acknowledged();
  const again = [
    { type: "subscribe", channels: ["power/4"], interval: 0.05 },
    { type: "subscribe", channels: ["power/4", "signals:detected"] },
  ];
  for (const more of again) {
    await using client = openWs(served);
    await client.opened;
    const since = `${served.relay.history().epoch}-0`;
    client.send({ type: "subscribe", channels: ["power/4"], interval: 0.01, since });
    client.send(more);
    const replayed = () =>
      client.of("replay").flatMap(({ readings }) =>
        z.array(z.object({ cursor: z.string() })).parse(readings).map(({ cursor }) => sequenceOf(cursor))
      );
    await until("all of it", () => replayed().includes(agent.sequence));
    assert.deepEqual(replayed(), Array.from({ length: agent.sequence }, (_, index) => index + 1));
    const before = agent.sequence;
    for (const reading of readingsFrom(startS + before / 10 + 1, 3, 5)) agent.read(reading);
    await client.next("data", 3);
    assert.equal(sequenceOf(String((await client.next("data"))["cursor"])), before + 1);
  }
});

Deno.test("a subscription that says no interval leaves that of a channel that it had", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  await using client = openWs(served);
  await client.opened;
  client.send({ type: "subscribe", channels: ["power/4"], interval: 0.01 });
  client.send({ type: "subscribe", channels: ["power/4", "signals:detected"] });
  await client.next("subscribed", 2);
  for (const reading of readingsFrom(1, 20, 100)) agent.read(reading);
  await client.next("data", 20);
  client.send({
    type: "subscribe",
    channels: ["power/4"],
    since: `${served.relay.history().epoch}-20`,
  });
  await client.next("replay");
  for (const reading of readingsFrom(2, 20, 100)) agent.read(reading);
  await client.next("data", 40);
});

Deno.test("wrong subscriptions are named, and the socket stays open", async () => {
  await using served = await serveRelay();
  await using client = openWs(served);
  await client.opened;
  const wrong: [message: unknown, code: string][] = [
    [{ type: "subscribe" }, "bad_message"],
    [{ type: "subscribe", channels: ["power/21"] }, "bad_message"],
    [{ type: "subscribe", channels: ["nothing"] }, "bad_message"],
    [{ type: "subscribe", channels: ["characteristic"] }, "bad_message"],
    [{ type: "subscribe", characteristic_ids: [0] }, "bad_message"],
    [{ type: "subscribe", channels: ["power/4"], interval: 0.001 }, "bad_message"],
    [{ type: "subscribe", channels: ["power/4"], since: "yesterday" }, "bad_cursor"],
    [{ type: "unsubscribe", channels: [], more: 1 }, "bad_message"],
    [{ type: "publish", channel: "events" }, "bad_message"],
    [{ event: "ping" }, "bad_message"],
  ];
  for (const [index, [message, code]] of wrong.entries()) {
    client.send(message);
    assert.equal((await client.next("error", index + 1))["code"], code, JSON.stringify(message));
  }
  for (const from of [1, 257]) {
    client.send({
      type: "subscribe",
      characteristic_ids: Array.from({ length: 255 }, (_, index) => from + index),
    });
  }
  client.send({ type: "subscribe", characteristic_ids: [1000, 1001, 1002] });
  assert.equal((await client.next("error", wrong.length + 1))["code"], "too_many_channels");
});

Deno.test("a channel that is named twice is sent once, and another interval sends nothing again", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  agent.read(readingAt(1));
  await agent.acknowledged();
  await using client = openWs(served);
  await client.opened;
  client.send({ type: "subscribe", channels: ["power/4", "power/4"], timestamp: "2025-11-14T17:30:00Z" });
  await client.next("data");
  client.send({ type: "subscribe", channels: ["power/4"], interval: 0.01 });
  await client.next("subscribed", 2);
  agent.read(readingAt(2));
  await client.next("data", 2);
  assert.deepEqual(client.of("data").map(({ timestamp }) => timestamp), [1, 2]);
});

Deno.test("a cursor is of one module: two power channels at once are refused", async () => {
  await using served = await serveRelay();
  await using client = openWs(served);
  await client.opened;
  const since = `${served.relay.history().epoch}-0`;
  client.send({ type: "subscribe", channels: ["power/4", "power/5"], since });
  assert.equal((await client.next("error"))["code"], "bad_cursor");
});

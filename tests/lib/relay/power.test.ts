import assert from "node:assert/strict";
import { until } from "../../support/until.ts";
import { ScriptedAgent, sequenceOf, serveRelay, view } from "./support.ts";
import { readingAt, readingsFrom } from "../../support/reading.ts";

Deno.test("a reading that an agent sends reaches a viewer with exactly the protocol's fields", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  await using viewer = view(served.host, "power?module=4&interval=0.1");
  await viewer.opened;
  agent.read(readingAt(1000.5));
  const data = await viewer.next("data");
  assert.deepEqual(Object.keys(data), [
    "type",
    "timestamp",
    "module",
    "wavelength_nm",
    "unit",
    "ch1_power",
    "ch2_power",
    "ch3_power",
    "ch4_power",
    "cursor",
  ]);
  assert.equal(data.timestamp, 1000.5);
  assert.equal(data.ch3_power, 6.94);
  assert.equal(sequenceOf(data.cursor), 1);
});

Deno.test("a channel without a number keeps its flag through the history", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  agent.read(
    readingAt(1, {
      unit: "mW",
      ch2_power: null,
      ch4_power: null,
      flags: { ch2: "under_range", ch4: "invalid" },
    }),
  );
  await agent.acknowledged();
  const [stored] = served.relay.recent(4, 0);
  assert.equal(stored?.unit, "mW");
  assert.equal(stored?.ch2_power, null);
  assert.deepEqual(stored?.flags, { ch2: "under_range", ch4: "invalid" });
});

Deno.test("a viewer at the agent's own rate gets every reading in spite of jitter", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  await using viewer = view(served.host, "power?interval=0.1");
  await viewer.opened;
  // Up to 40 ms early or late, by a fixed pattern.
  const jitter = [0, 0.04, -0.04, 0.02, -0.03, 0.04, 0.03, -0.04, 0.01, -0.01];
  for (const [index, late] of [...jitter, ...jitter, ...jitter].entries()) {
    agent.read(readingAt(100 + index / 10 + late));
  }
  await viewer.next("data", 30);
  assert.deepEqual(
    viewer.of("data").map(({ cursor }) => sequenceOf(cursor)),
    Array.from({ length: 30 }, (_, i) => i + 1),
  );
});

Deno.test("a viewer gets every reading of an agent that reads less often than the one before it", async () => {
  await using served = await serveRelay();
  await using viewer = view(served.host, "power?interval=0.1");
  await viewer.opened;
  {
    await using quick = await ScriptedAgent.start(served.host);
    for (const reading of readingsFrom(1, 100, 100)) quick.read(reading);
    await quick.acknowledged();
  }
  await using agent = await ScriptedAgent.start(served.host, "boot0002");
  for (const reading of readingsFrom(10, 40, 10)) agent.read(reading);
  await agent.acknowledged();
  await until("the last reading", () => sequenceOf(viewer.of("data").at(-1)?.cursor ?? "-0") === 140);
  const got = viewer.of("data").map(({ cursor }) => sequenceOf(cursor));
  assert.deepEqual(got.filter((seq) => seq > 100), Array.from({ length: 40 }, (_, i) => 101 + i));
});

Deno.test("viewers of different intervals do not disturb each other", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  await using quick = view(served.host, "power?interval=0.1");
  await using slow = view(served.host, "power?interval=0.5");
  await Promise.all([quick.opened, slow.opened]);
  for (const reading of readingsFrom(100, 101)) agent.read(reading);
  await quick.next("data", 101);
  await slow.next("data", 20);
  const seen = slow.of("data").length;
  assert.ok(seen >= 20 && seen <= 22, `2 Hz for 10 s is about 20 readings, not ${seen}`);
});

Deno.test("whenever viewers open, each gets one reading in its interval, from its first one on", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  const taken = readingsFrom(100, 60);
  const viewers = [];
  for (const [index, reading] of taken.entries()) {
    if ([1, 4, 5, 9].includes(index)) {
      const viewer = view(served.host, "power?interval=1");
      viewers.push(viewer);
      await viewer.next("data");
    }
    agent.read(reading);
    await agent.acknowledged();
  }
  for (const viewer of viewers) {
    await using _ = viewer;
    await viewer.next("data", 6);
    const times = viewer.of("data").map(({ timestamp }) => timestamp);
    const distances = times.slice(1).map((time, i) => Math.round((time - (times[i] ?? 0)) * 10) / 10);
    assert.deepEqual(new Set(distances), new Set([1]), times.join());
  }
});

Deno.test("a clock that is set back does not stop the stream", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  await using viewer = view(served.host, "power?interval=1");
  await viewer.opened;
  agent.read(readingAt(100_000));
  agent.read(readingAt(50_000));
  await viewer.next("data", 2);
});

Deno.test("a viewer that connects later sees the newest reading at once", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  agent.read(...readingsFrom(1, 3));
  await agent.acknowledged();
  await using viewer = view(served.host, "power?interval=10");
  assert.equal(sequenceOf((await viewer.next("data")).cursor), 3);
});

Deno.test("ping is answered by pong, and what matches no schema by bad_message on a socket that stays open", async () => {
  await using served = await serveRelay();
  await using viewer = view(served.host, "power");
  await viewer.opened;
  const wrong = ["{", "null", "[]", '{"type":"subscribe"}', '{"type":"ping","more":1}', "ping"];
  for (const text of wrong) viewer.send(text);
  viewer.socket.send(new Uint8Array([1, 2]));
  viewer.send({ type: "ping", timestamp: "now" });
  await viewer.next("pong");
  const bad = () => viewer.of("error").filter(({ code }) => code === "bad_message");
  const errors = bad();
  assert.equal(errors.length, wrong.length + 1);
  assert.match(errors[0]?.message ?? "", /not JSON/);
  assert.deepEqual(errors.map(({ error_count }) => error_count), errors.map((_, index) => index + 1));
  viewer.send("{");
  const next = await until("another error", () => bad()[errors.length]);
  assert.equal(next.error_count, 1, "the ping was right");
});

Deno.test("the health socket sends a heartbeat on opening and answers a bare ping", async () => {
  await using served = await serveRelay();
  await using viewer = view(served.host, "health");
  assert.equal((await viewer.next("heartbeat")).active_streams, 1);
  viewer.send("ping");
  await viewer.next("pong");
  viewer.send({ type: "ping" });
  await viewer.next("pong", 2);
});

Deno.test("every socket gets a heartbeat in a period, the health socket three", async () => {
  await using served = await serveRelay({ limits: { heartbeatMs: 600 } });
  await using agent = await ScriptedAgent.start(served.host);
  await using power = view(served.host, "power");
  await using health = view(served.host, "health");
  const started = Date.now();
  await Promise.all([power.next("heartbeat", 3), agent.next("heartbeat", 3)]);
  const periods = (Date.now() - started) / 600;
  assert.ok(periods >= 2 && periods < 3.5, `three heartbeats came in ${periods} periods`);
  await health.next("heartbeat", 7);
  assert.equal(power.of("heartbeat")[2]?.active_streams, 2);
});

Deno.test("the log says at a viewer's end how many messages it was sent", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  const viewer = view(served.host, "power?module=4&interval=0.01");
  await viewer.opened;
  for (let i = 1; i <= 40; i++) agent.read(readingAt(i / 100));
  await viewer.next("data", 40);
  const received = viewer.messages.length;
  await viewer[Symbol.asyncDispose]();
  const end = await until(
    "the viewer's end in the log",
    () => served.log.lines.find(({ message }) => message === "connection ended"),
  );
  assert.equal(Object(end.fields)["messages_sent"], received);
});

import assert from "node:assert/strict";
import { rawSocket } from "./raw.ts";
import { ScriptedAgent, sequenceOf, serveRelay, view } from "./support.ts";
import { readingAt, readingsFrom } from "../../support/reading.ts";
import { until } from "../../support/until.ts";

Deno.test("what an agent sends again is acknowledged, and stored once", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  await using viewer = view(served.host, "power?interval=0.01");
  await viewer.opened;
  agent.read(...readingsFrom(1, 5));
  await agent.acknowledged();
  agent.sequence = 2;
  agent.read(...readingsFrom(1.2, 6));
  await agent.next("ack", 2);
  assert.equal(agent.of("ack")[1]?.through, 8);
  await viewer.next("data", 8);
  assert.deepEqual(viewer.of("data").map(({ cursor }) => sequenceOf(cursor)), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual(
    viewer.of("data").map(({ timestamp }) => timestamp),
    readingsFrom(1, 8).map(({ timestamp }) => timestamp),
  );
});

Deno.test("welcome tells an agent that comes back what is stored of its boot", async () => {
  await using served = await serveRelay();
  const first = await ScriptedAgent.start(served.host);
  assert.equal(first.of("welcome")[0]?.through, null);
  first.read(...readingsFrom(1, 7));
  await first.acknowledged();
  await first[Symbol.asyncDispose]();
  await using again = await ScriptedAgent.start(served.host);
  assert.equal(again.of("welcome")[0]?.through, 7);
  await using other = await ScriptedAgent.start(served.host, "boot0002", "bench-2");
  assert.equal(other.of("welcome")[0]?.through, null);
});

Deno.test("a new boot goes on in the same stream", async () => {
  await using served = await serveRelay();
  const before = await ScriptedAgent.start(served.host);
  before.read(...readingsFrom(1, 3));
  await before.acknowledged();
  await before[Symbol.asyncDispose]();
  await using after = await ScriptedAgent.start(served.host, "boot0002");
  after.read(...readingsFrom(2, 2));
  await after.acknowledged();
  assert.deepEqual(served.relay.recent(4, 0).map(({ cursor }) => sequenceOf(cursor)), [1, 2, 3, 4, 5]);
});

Deno.test("modules have streams of their own on one uplink", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host, "boot0001", "bench-1", [4, 5]);
  agent.read(readingAt(1), readingAt(1, { module: 5 }), readingAt(2), readingAt(2, { module: 5 }));
  await agent.acknowledged();
  assert.deepEqual(
    served.relay.modules().map(({ module, cursor, station }) => [module, sequenceOf(cursor ?? ""), station]),
    [[4, 2, "bench-1"], [5, 2, "bench-1"]],
  );
});

Deno.test("a second agent of the same station takes over, the first is closed with 1008", async () => {
  await using served = await serveRelay();
  await using first = await ScriptedAgent.start(served.host);
  await using second = await ScriptedAgent.start(served.host, "boot0002");
  assert.equal((await first.end()).code, 1008);
  second.read(readingAt(1));
  await second.acknowledged();
  assert.deepEqual(served.relay.agents().map(({ station, state }) => [station, state]), [[
    "bench-1",
    "online",
  ]]);
  assert.equal(served.relay.modules()[0]?.fault, null);
});

Deno.test("an agent's wrong messages are named, and the socket stays open", async () => {
  await using served = await serveRelay();
  await using agent = new ScriptedAgent(served.host);
  await agent.opened;
  agent.read(readingAt(1));
  assert.equal((await agent.next("error")).code, "hello_expected");
  agent.say({ type: "hello", station: "bench-9", boot: "boot0001", identity: null, modules: [4] });
  assert.equal((await agent.next("error", 2)).code, "wrong_station");
  agent.say({ type: "hello", station: "bench-1", boot: "boot0001", identity: null, modules: [4] });
  await agent.next("welcome");
  agent.say({ type: "readings", boot: "boot0002", first: 1, items: [readingAt(1)] });
  assert.equal((await agent.next("error", 3)).code, "wrong_boot");
  agent.send({ type: "readings", boot: "boot0001", first: 0, items: [] });
  assert.equal((await agent.next("error", 4)).code, "bad_message");
  agent.send({ type: "readings", boot: "boot0001", first: Number.MAX_SAFE_INTEGER, items: [readingAt(1)] });
  assert.equal((await agent.next("error", 5)).code, "bad_message");
  agent.say({ type: "result", id: "1", ok: true, value: 1 });
  assert.equal((await agent.next("error", 6)).code, "unknown_command");
  agent.say({ type: "ping" });
  await agent.next("pong");
  assert.equal(agent.closed, null);
});

Deno.test("a viewer that does not read does not hold up the acknowledgement of readings", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  using _slow = await rawSocket(served.host, "/api/v1/ws/v2/power?interval=0.01");
  const burst = async (count: number) => {
    for (let i = 0; i < count; i++) agent.read(...readingsFrom(1 + agent.sequence / 10, 50));
    await agent.acknowledged();
  };
  await until("a queue of readings that it has not taken", async () => {
    await burst(20);
    const metrics = await (await fetch(`http://${served.host}/metrics`)).text();
    return !metrics.includes("lightline_readings_conflated_total 0");
  }, { timeoutMs: 30_000, everyMs: 1 });
  const started = Date.now();
  await burst(200);
  assert.equal(sequenceOf(served.relay.modules()[0]?.cursor ?? ""), agent.sequence);
  assert.ok(Date.now() - started < 5_000, `${Date.now() - started} ms`);
  assert.equal(served.relay.activeStreams(), 1);
});

import assert from "node:assert/strict";
import { readingsPage } from "../../../lib/protocol/mod.ts";
import { ScriptedAgent, serveRelay, view } from "./support.ts";
import { readingAt } from "../../support/reading.ts";
import { until } from "../../support/until.ts";

const silentMeter = {
  type: "fault",
  source: "instrument",
  message: "The meter does not answer.",
  recoverable: true,
} as const;

Deno.test("an instrument's fault becomes errors with a rising count, and the count returns to 0 with the next reading", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  await using viewer = view(served.host, "power");
  await viewer.opened;
  agent.read(readingAt(1));
  await viewer.next("data");
  for (let i = 0; i < 3; i++) agent.say(silentMeter);
  await viewer.next("error", 3);
  const errors = viewer.of("error");
  assert.deepEqual(errors.map(({ error_count }) => error_count), [1, 2, 3]);
  assert.deepEqual(
    {
      code: errors[0]?.code,
      source: errors[0]?.source,
      module: errors[0]?.module,
      recoverable: errors[0]?.recoverable,
    },
    { code: "instrument_fault", source: "instrument", module: 4, recoverable: true },
  );
  assert.equal(errors[2]?.since, errors[0]?.since);
  agent.read(readingAt(2));
  await viewer.next("data", 2);
  agent.say(silentMeter);
  assert.equal((await viewer.next("error", 4)).error_count, 1);
});

Deno.test("a viewer that connects during a fault is told at once", async () => {
  await using served = await serveRelay({ limits: { faultRepeatMs: 60_000 } });
  await using agent = await ScriptedAgent.start(served.host);
  agent.read(readingAt(1));
  agent.say(silentMeter);
  await until("the fault", () => served.relay.modules()[0]?.fault);
  await using viewer = view(served.host, "power");
  assert.equal((await viewer.next("error")).code, "instrument_fault");
  assert.equal(viewer.of("data").length, 0);
});

Deno.test("an agent that goes is no fault of a module that another one reads", async () => {
  await using served = await serveRelay({ limits: { faultRepeatMs: 20 } });
  const leaving = await ScriptedAgent.start(served.host, "boot0001", "bench-1", [4, 5]);
  await using staying = await ScriptedAgent.start(served.host, "boot0002", "bench-2", [4]);
  await using viewer = view(served.host, "power?module=4");
  await using other = view(served.host, "power?module=5");
  await Promise.all([viewer.opened, other.opened]);
  await leaving[Symbol.asyncDispose]();
  await other.next("error", 3);
  staying.read(readingAt(1));
  await viewer.next("data");
  assert.deepEqual(viewer.of("error"), []);
});

Deno.test("an agent that goes is called offline at once and again and again, until it is back", async () => {
  await using served = await serveRelay({ limits: { faultRepeatMs: 50 } });
  const agent = await ScriptedAgent.start(served.host);
  await using viewer = view(served.host, "power");
  await viewer.opened;
  agent.read(readingAt(1));
  await viewer.next("data");
  await agent[Symbol.asyncDispose]();
  await viewer.next("error", 4);
  assert.ok(viewer.of("error").every(({ code, recoverable }) => code === "agent_offline" && recoverable));
  assert.deepEqual(viewer.of("error").slice(0, 4).map(({ error_count }) => error_count), [1, 2, 3, 4]);
  assert.equal(served.relay.agents()[0]?.state, "offline");
  await using back = await ScriptedAgent.start(served.host, "boot0002");
  assert.equal(served.relay.modules()[0]?.fault, null);
  back.read(readingAt(2));
  await viewer.next("data", 2);
});

Deno.test("an agent that is connected but says nothing is called silent", async () => {
  await using served = await serveRelay({ limits: { faultRepeatMs: 20, silenceMs: 200 } });
  await using agent = await ScriptedAgent.start(served.host);
  await using viewer = view(served.host, "power");
  await viewer.opened;
  agent.read(readingAt(1));
  await viewer.next("data");
  const error = await viewer.next("error", 3);
  assert.equal(error.code, "agent_silent");
  assert.equal(error.source, "agent");
});

Deno.test("a module that no agent reads is named as such, with those that are read", async () => {
  await using served = await serveRelay({ limits: { faultRepeatMs: 20 } });
  await using alone = view(served.host, "power?module=7");
  assert.equal((await alone.next("error")).code, "agent_offline");
  await using _agent = await ScriptedAgent.start(served.host);
  await until("another code", () => alone.of("error").at(-1)?.code === "module_absent");
  assert.deepEqual(served.relay.modules().map(({ module }) => module), [4]);
  await using _other = await ScriptedAgent.start(served.host, "boot0002", "bench-2", [12, 2]);
  await until(
    "what is read",
    () => alone.of("error").at(-1)?.message === "No agent reads module 7. What is read: module 2, 4, 12.",
  );
});

Deno.test("a poll during a fault names it, and loses it with the next reading", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  const poll = async () =>
    readingsPage.parse(await (await fetch(`http://${served.host}/api/v1/readings?module=4`)).json());
  agent.read(readingAt(1));
  agent.say(silentMeter);
  await until("the fault", () => served.relay.modules()[0]?.fault);
  const page = await poll();
  assert.equal(page.fault?.code, "instrument_fault");
  assert.equal(page.readings.length, 1);
  agent.read(readingAt(2));
  await agent.acknowledged();
  assert.equal((await poll()).fault, undefined);
});

Deno.test("recovered ends the fault before the next reading, and brings the instrument's name", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  agent.say(silentMeter);
  await until("the fault", () => served.relay.modules()[0]?.fault?.code === "instrument_fault");
  agent.say({ type: "recovered", identity: "EXFO,CTP10,2,1.0.0" });
  await until("no fault", () => served.relay.modules()[0]?.fault === null);
  assert.equal(served.relay.agents()[0]?.identity, "EXFO,CTP10,2,1.0.0");
});

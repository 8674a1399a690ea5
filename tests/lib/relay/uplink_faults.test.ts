// What an agent does wrong is its own trouble: it is told what, and viewers, history and acknowledgements go on.

import assert from "node:assert/strict";
import { z } from "zod";
import { until } from "../../support/until.ts";
import { openUpdates, ScriptedAgent, serveRelay, view } from "./support.ts";
import { readingAt } from "../../support/reading.ts";

Deno.test("a reading from after the year 9999 is refused with its batch, and everybody else goes on", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  await using evented = openUpdates(served);
  await using viewer = view(served.host, "power?interval=0.01");
  await evented.opened;
  await viewer.opened;
  evented.send({ event: "subscribe", data: { channels: ["power/4"], interval: 0.01 } });
  await evented.next("subscribed");
  agent.send({
    type: "readings",
    boot: agent.boot,
    first: 1,
    items: [readingAt(1), readingAt(1.79e15)],
  });
  assert.match((await agent.next("error")).message, /items\.1\.timestamp: is after the year 9999/);
  agent.read(readingAt(2));
  await agent.acknowledged();
  assert.equal((await viewer.next("data")).timestamp, 2);
  assert.equal((await evented.next("power/4")).data["timestamp"], 2);
});

const wrong: [what: string, message: unknown, told: RegExp][] = [
  ["a field that is no number", { ...batch(), items: [{ ...readingAt(1), ch1_power: "x" }] }, /ch1_power/],
  ["51 readings", { ...batch(), items: Array.from({ length: 51 }, () => readingAt(1)) }, /items: .*50/],
  ["a type that nobody knows", { type: "nothing" }, /type: /],
  ["a fault of nobody's", { type: "fault", source: "moon", message: "", recoverable: true }, /source: /],
  ["a result without an id", { type: "result", ok: true, value: 1 }, /id: /],
];

function batch(): object {
  return { type: "readings", boot: "boot0001", first: 1 };
}

for (const [what, message, told] of wrong) {
  Deno.test(`an agent that sends ${what} is told what was wrong`, async () => {
    await using served = await serveRelay();
    await using agent = await ScriptedAgent.start(served.host);
    agent.send(message);
    assert.match((await agent.next("error")).message, told);
  });
}

Deno.test("readings of a module that hello did not name are refused, and not stored", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  agent.read(readingAt(1), readingAt(1, { module: 7 }));
  const { code, message } = await agent.next("error");
  assert.deepEqual([code, message], ["wrong_module", "hello did not name the module 7"]);
  assert.deepEqual(served.relay.recent(4, 0), []);
});

Deno.test("a module that an agent does not read any more keeps nothing from being ready", async () => {
  await using served = await serveRelay();
  await using before = await ScriptedAgent.start(served.host, "boot0001", "bench-1", [4, 5]);
  before.read(readingAt(1), readingAt(1, { module: 5 }));
  await before.acknowledged();
  await using after = await ScriptedAgent.start(served.host, "boot0002", "bench-1", [4]);
  const reading = setInterval(() => after.read(readingAt(Date.now() / 1000)), 100);
  try {
    await until("ready", async () => {
      const { body, ok } = await fetch(`http://${served.host}/ready`);
      await body?.cancel();
      return ok;
    });
    assert.deepEqual(served.relay.modules().map(({ module, station }) => [module, station]), [
      [4, "bench-1"],
      [5, null],
    ]);
  } finally {
    clearInterval(reading);
  }
});

Deno.test("an agent's words make no line of their own on /ready", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  const message = "cable\nrelay: ready, all is fine";
  agent.say({ type: "fault", source: "instrument", message, recoverable: true });
  const text = await until("the fault", async () => {
    const text = await (await fetch(`http://${served.host}/ready`)).text();
    return text.includes("cable") && text;
  });
  assert.equal(text.trim().split("\n").length, 4);
});

Deno.test("another fault after a restart is not taken for the one before", async () => {
  const tags = new Set<string | null>();
  for (const message of ["the meter is gone", "the cable is cut"]) {
    await using served = await serveRelay();
    await using agent = await ScriptedAgent.start(served.host);
    agent.say({ type: "fault", source: "instrument", message, recoverable: true });
    const page = z.looseObject({ fault: z.looseObject({ message: z.string() }) });
    tags.add(
      await until("the fault", async () => {
        const answer = await fetch(`http://${served.host}/api/v1/readings`);
        return page.parse(await answer.json()).fault.message === message && answer.headers.get("etag");
      }),
    );
  }
  assert.equal(tags.size, 2);
});

import assert from "node:assert/strict";
import { ScriptedAgent, serveRelay } from "./support.ts";

Deno.test("an agent carries out a command, or its failure is told", async () => {
  await using served = await serveRelay();
  const away = await served.relay.command("bench-1", "laser.on", {}, 1000);
  assert.equal(away.ok, false);
  const agent = await ScriptedAgent.start(served.host);
  const asked = served.relay.command("bench-1", "laser.on", { laser: 1 }, 5000);
  const command = await agent.next("command");
  assert.deepEqual({ name: command.name, params: command.params }, {
    name: "laser.on",
    params: { laser: 1 },
  });
  agent.say({ type: "result", id: command.id, ok: true, value: { state: "on" } });
  assert.deepEqual(await asked, { ok: true, value: { state: "on" } });
  const refused = served.relay.command("bench-1", "laser.on", { laser: 9 }, 5000);
  agent.say({
    type: "result",
    id: (await agent.next("command", 2)).id,
    ok: false,
    problem: { title: "No such laser" },
  });
  assert.deepEqual(await refused, { ok: false, problem: { title: "No such laser" } });
  const late = await served.relay.command("bench-1", "laser.off", {}, 30);
  assert.match(late.ok ? "" : late.problem.detail ?? "", /0\.03 s/);
  const lost = served.relay.command("bench-1", "laser.off", {}, 60_000);
  await agent.next("command", 4);
  await agent[Symbol.asyncDispose]();
  assert.match(await lost.then((outcome) => outcome.ok ? "" : outcome.problem.detail ?? ""), /went away/);
});

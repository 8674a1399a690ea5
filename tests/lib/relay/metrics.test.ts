import assert from "node:assert/strict";
import { ScriptedAgent, serveRelay, view } from "./support.ts";
import { readingsFrom } from "../../support/reading.ts";
import { until } from "../../support/until.ts";

Deno.test("metrics count what happened, under Prometheus' rules", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  await using viewer = view(served.host, "power?interval=0.01");
  await viewer.opened;
  agent.read(...readingsFrom(1, 5));
  await agent.acknowledged();
  await viewer.next("data", 5);
  const gone = view(served.host, "health");
  await gone.next("heartbeat");
  await gone[Symbol.asyncDispose]();
  await (await fetch(`http://${served.host}/api/v1/readings?since=anotherepoch-1`)).body?.cancel();
  const scrape = async () => await (await fetch(`http://${served.host}/metrics`)).text();
  const text = await until("the closed socket", async () => {
    const text = await scrape();
    return text.includes('lightline_connections_closed_total{endpoint="health"') ? text : null;
  });
  for (
    const line of [
      'lightline_readings_stored_total{station="bench-1"} 5',
      'lightline_connections{endpoint="power",state="open"} 1',
      'lightline_connections{endpoint="power",state="closing"} 0',
      'lightline_connections{endpoint="ws",state="open"} 0',
      'lightline_limits_exceeded_total{limit="too_slow"} 0',
      'lightline_replays_total{transport="poll"} 1',
      'lightline_replays_incomplete_total{reason="history_replaced"} 1',
      'lightline_connections_opened_total{endpoint="health"} 1',
      'lightline_agent_online{station="bench-1"} 1',
      "lightline_history_readings 5",
      "lightline_history_degraded 0",
      "lightline_poll_seconds_count 1",
    ]
  ) assert.ok(text.split("\n").includes(line), `${line} in\n${text}`);
  const names = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  assert.equal(new Set(names.map(([, name]) => name)).size, names.length, "each metric once");
  for (const [, name = "", type] of names) {
    assert.equal(name.endsWith("_total"), type === "counter", name);
    assert.match(text, new RegExp(`^# HELP ${name} .+\\.$`, "m"));
  }
  for (const line of text.trim().split("\n")) {
    assert.match(
      line,
      /^(# (HELP|TYPE) .+|[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [-0-9.e+]+|\w+_bucket\{le="[^"]+"\} \d+)$/,
    );
  }
});

Deno.test("readings that an agent sends twice, and those that it never sends, are counted by station", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  agent.read(...readingsFrom(1, 5));
  agent.sequence = 2;
  agent.read(...readingsFrom(1.2, 6));
  agent.sequence = 12;
  agent.read(...readingsFrom(2.2, 3));
  await agent.acknowledged();
  const text = await (await fetch(`http://${served.host}/metrics`)).text();
  for (
    const line of [
      'lightline_readings_stored_total{station="bench-1"} 11',
      'lightline_readings_duplicate_total{station="bench-1"} 3',
      'lightline_readings_skipped_total{station="bench-1"} 4',
    ]
  ) assert.ok(text.split("\n").includes(line), `${line} in\n${text}`);
});

Deno.test("a line of statistics is logged each minute", async () => {
  let now = 1_000_000;
  await using served = await serveRelay({ now: () => now, limits: { faultRepeatMs: 10 } });
  now += 60_000;
  await until("the line", () => served.log.lines.some(({ message }) => message === "statistics"));
});

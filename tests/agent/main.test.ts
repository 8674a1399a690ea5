// The agent as a process, under its own permissions.

import assert from "node:assert/strict";
import { agentToken, serveRelay } from "../lib/relay/support.ts";
import { until } from "../support/until.ts";
import { startTestSimulator } from "./simulator/clients.ts";

const root = new URL("../../", import.meta.url);

function agent(env: Record<string, string>, ...args: string[]) {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-prompt", "-P=agent", "agent/main.ts", ...args],
    cwd: root,
    env: { LOG_FORMAT: "json", ...env },
    stdout: "piped",
    stderr: "piped",
  });
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test("agent process - each bad variable gets a line of its own, and the exit code says configuration", async () => {
  const { code, stderr } = await agent({
    METER: "ttyUSB0",
    METER_HZ: "0.1",
    METER_MODULES: "4,4",
    AGENT_TOKEN: "short",
    RELAY_URL: "ws://ada:hunter2@x",
  })
    .output();
  assert.equal(code, 78);
  const lines = text(stderr).trim().split("\n");
  for (
    const name of ["METER=ttyUSB0", "METER_HZ=0.1", "METER_MODULES=4,4", "RELAY_URL=ws://", "AGENT_TOKEN"]
  ) {
    assert.ok(lines.some((line) => line.startsWith(`agent: ${name}`)), `${name}: ${lines.join("\n")}`);
  }
  assert.equal(lines.length, 5);
  assert.doesNotMatch(text(stderr), /hunter2/);
});

Deno.test("agent process - what no relay would take is refused before it starts", async () => {
  for (
    const [name, value] of [["METER_MODULES", ","], ["RELAY_URL", "http://x"], [
      "RELAY_URL",
      "ws://x/?token=y",
    ]] as const
  ) {
    const { code, stderr } = await agent({
      METER: "serial:/dev/null",
      AGENT_TOKEN: agentToken,
      [name]: value,
    }).output();
    assert.equal(code, 78);
    assert.ok(text(stderr).startsWith(`agent: ${name}=${value}: `), text(stderr));
  }
});

Deno.test("agent process - --help prints the table", async () => {
  const { code, stdout } = await agent({}, "--help").output();
  assert.equal(code, 0);
  for (
    const name of ["METER", "METER_MODULES", "METER_HZ", "RELAY_URL", "STATION", "AGENT_TOKEN", "SPOOL_MAX"]
  ) {
    assert.match(text(stdout), new RegExp(`^ +${name} `, "m"));
  }
});

Deno.test("agent process - a spool that cannot be opened is one line of the log", async () => {
  const { code, stderr } = await agent({
    METER: "serial:/dev/null",
    AGENT_TOKEN: agentToken,
    SPOOL_DIR: "/proc/nowhere",
  })
    .output();
  assert.equal(code, 1);
  const lines = text(stderr).trim().split("\n");
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /Cannot keep readings in \/proc\/nowhere.*SPOOL_DIR/);
});

Deno.test("agent process - reads, sends, and ends cleanly and soon on SIGTERM", async () => {
  await using simulated = await startTestSimulator();
  await using served = await serveRelay();
  const child = agent({
    METER: `serial:${simulated.link}`,
    RELAY_URL: `ws://${served.host}`,
    AGENT_TOKEN: agentToken,
    METER_HZ: "50",
  }).spawn();
  const output = child.output();
  await until("readings at the relay", () => served.relay.recent(4, 0).length > 20);
  const start = performance.now();
  child.kill("SIGTERM");
  const { code, stderr } = await output;
  assert.equal(code, 0);
  assert.ok(performance.now() - start < 500);
  assert.ok(!text(stderr).includes(agentToken));
});

Deno.test("agent process - killed and started again, its readings go on in the same stream", async () => {
  await using simulated = await startTestSimulator();
  await using served = await serveRelay();
  const start = () =>
    agent({ METER: `serial:${simulated.link}`, RELAY_URL: `ws://${served.host}`, AGENT_TOKEN: agentToken })
      .spawn();
  const first = start();
  const firstEnd = first.output();
  await until("readings", () => served.relay.recent(4, 0).length > 3);
  first.kill("SIGKILL");
  await firstEnd;
  const before = served.relay.recent(4, 0).length;
  const second = start();
  const secondEnd = second.output();
  await until("more readings", () => served.relay.recent(4, 0).length > before + 3);
  second.kill("SIGINT");
  assert.equal((await secondEnd).code, 0);
  const timestamps = served.relay.recent(4, 0).map(({ timestamp }) => timestamp);
  assert.deepEqual(timestamps, timestamps.toSorted((a, b) => a - b));
});

// The agent as a process, under its own permissions, through what befalls its line: told through the control socket, as
// somebody who pulls cables would.

import assert from "node:assert/strict";
import { LineSplitter } from "../../lib/scpi/mod.ts";
import { agentToken, serveRelay, view } from "../lib/relay/support.ts";
import { until } from "../support/until.ts";
import { startTestSimulator } from "./simulator/clients.ts";

const root = new URL("../../", import.meta.url);
const cycles = 100;
/** What a heap may grow by, between two collections of its garbage. */
const roomMb = 48;

interface AgentProcess extends AsyncDisposable {
  readonly pid: number;
  /** Its log, line by line. */
  readonly lines: readonly string[];
  /** Ends it as a service manager would. */
  end(): Promise<number>;
}

function startAgent(host: string, meter: string, env: Record<string, string> = {}): AgentProcess {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-prompt", "-P=agent", "agent/main.ts"],
    cwd: root,
    env: {
      LOG_FORMAT: "json",
      METER: meter,
      METER_HZ: "50",
      AGENT_TOKEN: agentToken,
      RELAY_URL: `ws://${host}`,
      ...env,
    },
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const lines: string[] = [];
  const reading = (async () => {
    const splitter = new LineSplitter(65_536);
    for await (const bytes of child.stderr) {
      for (const event of splitter.push(bytes)) if (event.type === "line") lines.push(event.text);
    }
  })();
  let ended = false;
  child.status.then(() => ended = true);
  const end = async () => {
    if (!ended) child.kill("SIGTERM");
    const { code } = await child.status;
    await reading;
    return code;
  };
  return { pid: child.pid, lines, end, [Symbol.asyncDispose]: async () => void await end() };
}

/** Says one line to a control socket, and reads its answer. */
async function control(address: string, line: string): Promise<string> {
  using connection = await Deno.connect({ transport: "unix", path: address });
  await connection.write(new TextEncoder().encode(`${line}\n`));
  await connection.closeWrite();
  return await new Response(connection.readable).text();
}

const descriptors = (pid: number) => [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
const residentMb = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]) / 1024;

Deno.test("agent process - a hundred times unplugged and plugged in again, it reads on, and nothing is left behind", async () => {
  const folder = await Deno.makeTempDir({ prefix: "lightline-survival-" });
  const path = `${folder}/control`;
  {
    await using simulated = await startTestSimulator({ control: { type: "unix", path } });
    await using served = await serveRelay();
    await using agent = startAgent(served.host, `serial:${simulated.link}`);
    const newestS = () => served.relay.recent(4, Date.now() - 5000).at(-1)?.timestamp ?? 0;
    const readsOn = (sinceMs: number) =>
      until("a reading since then", () => newestS() * 1000 > sinceMs, { everyMs: 10 });
    await readsOn(Date.now() + 500);
    const before = { descriptors: descriptors(agent.pid), residentMb: residentMb(agent.pid) };
    for (let cycle = 1; cycle <= cycles; cycle++) {
      assert.equal(await control(path, "fault unplug on"), "ok unplug on\n");
      await until(
        "the line's end",
        async () => (await control(path, "status")).includes("serial unplugged"),
        {
          everyMs: 5,
        },
      );
      const pluggedMs = Date.now();
      assert.equal(await control(path, "clear unplug"), "ok ended 1\n");
      await readsOn(pluggedMs);
    }
    await until("the same descriptors", () => descriptors(agent.pid) === before.descriptors);
    const grownMb = residentMb(agent.pid) - before.residentMb;
    assert.ok(grownMb < roomMb, `${grownMb} MB more`);
    assert.equal(await agent.end(), 0);
    const { opened, resynchronised } = JSON.parse(agent.lines.at(-1) ?? "");
    assert.deepEqual({ opened, resynchronised }, { opened: cycles + 1, resynchronised: 0 });
    const times = served.relay.recent(4, 0).map(({ timestamp }) => timestamp);
    assert.deepEqual(times, times.toSorted((a, b) => a - b));
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("agent process - a METER with another speed than the instrument's is told, with the right one", async () => {
  await using simulated = await startTestSimulator();
  await using served = await serveRelay();
  await using viewer = view(served.host, "power?module=4");
  await using _agent = startAgent(served.host, `serial:${simulated.link}?baud=9600`);
  const error = await until(
    "the reason",
    () => viewer.of("error").find(({ message }) => message.includes("speaks at")),
  );
  assert.equal(
    error.message,
    `The instrument at ${simulated.link} speaks at 115200 baud, METER says 9600. ` +
      `Set METER=serial:${simulated.link}?baud=115200.`,
  );
});

Deno.test("agent process - of two agents on one port the second says who has it, and gets it when that one ends", async () => {
  await using simulated = await startTestSimulator();
  await using served = await serveRelay();
  await using first = startAgent(served.host, `serial:${simulated.link}`);
  await until("readings", () => served.relay.recent(4, 0).length > 5);
  await using second = startAgent(served.host, `serial:${simulated.link}`, { STATION: "bench-2" });
  const line = await until("the reason", () => second.lines.find((text) => text.includes("has it")));
  assert.match(
    line,
    new RegExp(`Cannot open ${simulated.link}: process ${first.pid} \\(\\w+\\) has it\\. Stop`),
  );
  const before = served.relay.recent(4, 0).length;
  await until("readings of the first one", () => served.relay.recent(4, 0).length > before + 5);
  await first.end();
  await until(
    "the second one's turn",
    () => second.lines.some((text) => text.includes("instrument answers")),
  );
});

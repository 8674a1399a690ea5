// `deno task start` as the one who types it sees it: what it prints, what it leaves behind, what it says when it cannot.

import assert from "node:assert/strict";
import { startLightline } from "../support/lightline.ts";
import { isLoopback, remoteAddresses } from "../support/sockets.ts";
import { startTask } from "../support/task.ts";
import { until } from "../support/until.ts";
import { breaks, history, longestPause } from "./viewer.ts";

/** The four powers that the page's HTML shows, tags removed. */
async function powersIn(origin: string): Promise<readonly number[]> {
  const html = await (await fetch(origin)).text();
  return [...html.matchAll(/class="number">([^<]+)</g)].map(([, text]) =>
    Number(text?.replace("\u2212", "-"))
  );
}

function isSymlink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
  }
}

Deno.test("start prints its address, and the page has four values in its HTML", async () => {
  await using lightline = await startLightline();
  const powers = await until("four values", async () => {
    const found = await powersIn(lightline.origin);
    return found.length === 4 && found;
  });
  const [newest] = (await history(lightline.origin)).slice(-1);
  assert.ok(newest);
  for (const [index, expected] of [-17.85, -21.56, 6.94, -60.12].entries()) {
    assert.ok(Math.abs((powers[index] ?? NaN) - expected) < 3, `channel ${index + 1} shows ${powers[index]}`);
  }
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`${signal} ends start within 3 s with exit code 0, and nothing is left`, async () => {
    await using lightline = await startLightline();
    const simulator = await lightline.process("simulator");
    const link = simulator.env["SIM_LINK"] ?? "";
    assert.ok(isSymlink(link), "the pseudo-terminal has its link while the simulator runs");
    await until("a reading", async () => (await history(lightline.origin)).length > 0);

    const { code, tookMs } = await lightline.end(signal);
    assert.equal(code, 0);
    assert.ok(tookMs < 3000, `it took ${tookMs} ms`);
    assert.deepEqual(lightline.processes().map(({ command }) => command), []);
    assert.ok(!isSymlink(link), `${link} is left`);
    assert.deepEqual([...Deno.readDirSync(lightline.temporary)], []);
  });
}

Deno.test("SIGTERM to npx, which hands nothing on, ends everything within 3 s too", async () => {
  await using lightline = await startLightline({}, ["npx", "--yes", "--prefer-offline", "deno@2.9.6"]);
  await lightline.process("agent");
  const { tookMs } = await lightline.end();
  const deadline = 3000 - tookMs;
  await until("every process to end", () => lightline.processes().length === 0, { timeoutMs: deadline });
});

for (const [name, host] of [["PORT", ""], ["SIM_TCP", "127.0.0.1:"]] as const) {
  Deno.test(`a taken port is one line that names it and ${name}, an exit code that says configuration, and no folder`, async () => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const value = `${host}${taken.addr.port}`;
    const folder = await Deno.makeTempDir();
    await using task = startTask("start", { env: { PORT: "0", DATA_DIR: `${folder}/data`, [name]: value } });
    assert.equal(await task.ended, 78);
    await Deno.remove(folder);
    const said = task.lines.filter((line) => line.includes(name));
    assert.equal(said.length, 1, task.lines.join("\n"));
    assert.ok(said[0]?.includes(`${name}=${value}: `), task.lines.join("\n"));
    assert.doesNotMatch(task.lines.join("\n"), /\n\s+at /, "no stack trace");
  });
}

/** What an entry of the program writes and how it ends, under its own permissions. */
async function run(entry: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-prompt", ...entry],
    cwd: new URL("../../", import.meta.url),
    env,
  }).output();
  const [said, told] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim().split("\n"));
  return { code, said: said ?? [], told: told ?? [] };
}

Deno.test("wrong variables of whichever process have a line each, and nothing is started or made", async () => {
  const folder = await Deno.makeTempDir();
  const { code, told } = await run(["-P=start", "start.ts"], {
    HOST: "0.0.0.0",
    PORT: "y",
    DATA_DIR: `${folder}/data`,
    DRAIN_SECONDS: "x",
    METER: "foo",
    METER_HZ: "x",
    SIM_SEED: "x",
    SIM_TCP: "127.0.0.1:99999",
  });
  assert.deepEqual(told, [
    "start: PORT=y: is not a whole number",
    "start: DRAIN_SECONDS=x: is not a number",
    "start: METER=foo: is neither serial:<device>?baud=115200 nor tcp:<host>:5025",
    "start: METER_HZ=x: is not a number",
    "start: SIM_SEED=x: is not a whole number",
    "start: SIM_TCP=127.0.0.1:99999: has a port above 65535",
    "start: HOST=0.0.0.0: others can reach this address: set VIEWER_SECRET (32 characters or more), " +
    "or ALLOW_ANONYMOUS=1 to let anybody look",
  ]);
  assert.equal(code, 78);
  assert.deepEqual([...Deno.readDirSync(folder)], []);
  await Deno.remove(folder);
});

Deno.test("start --help lists each variable of its processes, but for two that it sets itself", async () => {
  const namesIn = async (...entry: readonly string[]) =>
    (await run([...entry, "--help"])).said.flatMap((line) => /^ +([A-Z_]+) /.exec(line)?.[1] ?? []);
  const ofProcesses = await Promise.all([
    namesIn("-P=relay", "main.ts"),
    namesIn("-P=agent", "agent/main.ts"),
    namesIn("-P=simulator", "agent/simulator/main.ts"),
  ]);
  const own = new Set(["RELAY_URL", "SIM_LINK"]);
  const expected = new Set(ofProcesses.flat()).difference(own);
  assert.ok(expected.size > 20);
  assert.deepEqual((await namesIn("-P=start", "start.ts")).toSorted(), [...expected].toSorted());
});

Deno.test("a relay that is killed comes back on its port, and no reading that the agent took is missing", async () => {
  await using lightline = await startLightline();
  const { origin } = lightline;
  await until("readings", async () => (await history(origin)).length > 5);
  const killed = await lightline.signal("relay", "SIGKILL");
  await lightline.process("relay", killed);
  const before = Date.now() / 1000;
  await until("readings taken after the restart", async () => {
    const newest = (await history(origin)).at(-1);
    return newest && newest.timestamp > before + 1;
  });
  const readings = await history(origin);
  assert.deepEqual(breaks(readings), []);
  assert.equal(
    new Set(readings.map(({ timestamp }) => timestamp)).size,
    readings.length,
    "one was stored twice",
  );
  assert.ok(
    longestPause(readings) < 0.5,
    `the agent reads ten times a second, a pause of ${longestPause(readings)} s`,
  );
});

Deno.test("an agent that is killed comes back as a new boot, in the same stream", async () => {
  await using lightline = await startLightline();
  const { origin } = lightline;
  await until("readings", async () => (await history(origin)).length > 5);
  const last = (await history(origin)).at(-1);
  const killed = await lightline.signal("agent", "SIGKILL");
  await lightline.process("agent", killed);
  await until("readings of the new boot", async () => (await history(origin, last?.cursor)).length > 20);
  assert.deepEqual(breaks(await history(origin)), []);
});

Deno.test("no process of it has a connection that leaves the machine", async () => {
  await using lightline = await startLightline();
  const parts = await Promise.all(
    (["start", "relay", "simulator", "agent"] as const).map((part) => lightline.process(part)),
  );
  await until("readings", async () => (await history(lightline.origin)).length > 5);
  const remote = parts.flatMap(({ pid }) => remoteAddresses(pid));
  assert.ok(remote.length > 0, "the agent's uplink at least must be seen");
  assert.deepEqual(remote.filter((address) => !isLoopback(address)), []);
});

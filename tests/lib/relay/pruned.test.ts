// What is too old is gone everywhere: from the export, from the plot, and from what is known of agents' runs.

import assert from "node:assert/strict";
import { envelope } from "../../../lib/protocol/mod.ts";
import { History } from "../../../lib/relay/history/history.ts";
import { until } from "../../support/until.ts";
import { inFolder, ScriptedAgent, type ServedRelay, serveRelay } from "./support.ts";
import { readingAt, readingsFrom } from "../../support/reading.ts";

const startS = 1_800_000_000;

/** Twelve messages of 50 readings, ten to a second. */
async function readAMinute(served: ServedRelay): Promise<void> {
  await using agent = await ScriptedAgent.start(served.host);
  for (let i = 0; i < 12; i++) agent.read(...readingsFrom(startS + i * 5, 50));
  await agent.acknowledged();
}

async function exported(served: ServedRelay): Promise<string[]> {
  const address = `http://${served.host}/api/v1/history.csv?module=4&from=${startS}&to=${startS + 100}`;
  const [, ...lines] = (await (await fetch(address)).text()).trim().split("\r\n");
  return lines.map((line) => line.split(",").at(-1) ?? "");
}

Deno.test("an export has each reading once, before and after the oldest are pruned", async () => {
  let nowMs = (startS + 60) * 1000;
  await using served = await serveRelay({ historyHours: 1 / 60, now: () => nowMs });
  await readAMinute(served);
  const whole = await exported(served);
  assert.equal(whole.length, 600);
  assert.equal(new Set(whole).size, 600);
  nowMs = (startS + 70) * 1000;
  const held = await until("pruning", () => {
    const readings = served.relay.recent(4, 0);
    return readings.length < 600 && readings;
  });
  assert.deepEqual(await exported(served), held.map(({ cursor }) => cursor));
});

Deno.test("an export whose history is replaced meanwhile breaks off: nobody takes a part for the whole", () =>
  inFolder(async (folder) => {
    await using served = await serveRelay({ dataDir: folder, historyHours: 1_000_000 });
    {
      await using agent = await ScriptedAgent.start(served.host);
      for (let i = 0; i < 2000; i++) agent.read(...readingsFrom(startS + 5 * i, 50));
      await agent.acknowledged();
    }
    const { epoch } = served.relay.history();
    const path = `/api/v1/history.csv?module=4&from=${startS}&to=${startS + 20_000}`;
    const [hostname = "", port] = served.host.split(":");
    using connection = await Deno.connect({ hostname, port: Number(port) });
    await connection.write(new TextEncoder().encode(`GET ${path} HTTP/1.1\r\nHost: ${served.host}\r\n\r\n`));
    const buffer = new Uint8Array(1 << 16);
    await connection.read(buffer);
    for (const { name } of Deno.readDirSync(folder)) Deno.removeSync(`${folder}/${name}`);
    await until("another history", () => served.relay.history().epoch !== epoch);
    let last = "";
    for (let length: number | null = 0; length !== null;) {
      last = (last + new TextDecoder().decode(buffer.subarray(0, length))).slice(-100);
      length = await connection.read(buffer).catch(() => null);
    }
    assert.ok(!last.includes("-100000\r\n"), "not all of it came");
    assert.ok(!last.endsWith("\r\n0\r\n\r\n"), "and its end did not come either");
  }));

Deno.test("a plot shows nothing of what has been pruned, though no reading came since", async () => {
  let nowMs = (startS + 60) * 1000;
  await using served = await serveRelay({ historyHours: 1 / 60, now: () => nowMs });
  await readAMinute(served);
  const plot = async () => {
    const address = `http://${served.host}/api/v1/history?module=4&from=${startS}&to=${
      startS + 60
    }&columns=2`;
    return envelope.parse(await (await fetch(address)).json());
  };
  assert.equal((await plot()).ch1.max.filter((power) => power !== null).length, 2);
  nowMs = (startS + 7200) * 1000;
  await until("pruning", () => served.relay.recent(4, 0).length === 1);
  await until("the plot", async () => (await plot()).ch1.max.filter((power) => power !== null).length === 1);
});

/** A history in memory of readings taken at `times`, and the times that are left after so many seconds of pruning. */
function historyOf(times: readonly number[]) {
  const history = new History(":memory:", () => "epoch0001");
  const items = times.map((time) => readingAt(time));
  history.store({ station: "bench-1", boot: "boot0001", first: 1, items }, 0);
  return {
    left: (nowS: number, limit: number, seconds = 1) => {
      for (let second = 0; second < seconds; second++) history.prune((nowS + second) * 1000, 60_000, limit);
      return history.newest(4, times.length).map(({ timestamp }) => timestamp);
    },
    [Symbol.dispose]: () => history.close(),
  };
}

Deno.test("a relay whose own clock is behind deletes nothing", () => {
  using history = historyOf([1000, 1001, 1002]);
  assert.deepEqual(history.left(100, 10, 5), [1000, 1001, 1002]);
  assert.deepEqual(history.left(1061.5, 10), [1002], "and what is too old once it is right");
});

Deno.test("readings of an agent whose clock was ahead go with the ones that came after them, however many they are", () => {
  using history = historyOf([...Array.from({ length: 50 }, (_, index) => 90_000 + index), 1000, 1001, 1002]);
  assert.equal(history.left(1030, 10, 20).length, 53);
  assert.deepEqual(history.left(1061.5, 10, 20), [1002]);
});

Deno.test("a run of an agent that was only asked for is remembered by the history that takes over", () =>
  inFolder((folder) => {
    let epochs = 0;
    const open = (name: string) => new History(`${folder}/${name}`, () => `epoch000${epochs++}`);
    const nowMs = Date.now();
    const batch = { station: "bench-1", boot: "boot0001", first: 1, items: [readingAt(nowMs / 1000)] };
    const first = open("a.sqlite");
    first.store(batch, nowMs);
    first.flush();
    first.close();
    const failing = open("a.sqlite");
    assert.equal(failing.through("bench-1", "boot0001"), 1);
    const next = open("b.sqlite");
    next.adopt(failing);
    next.prune(nowMs, 1000, 10);
    failing.close();
    next.close();
    const restarted = open("b.sqlite");
    assert.equal(restarted.through("bench-1", "boot0001"), 1);
    restarted.close();
    return Promise.resolve();
  }));

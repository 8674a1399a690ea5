import assert from "node:assert/strict";
import { startChild } from "./child.ts";
import { frame, rawSocket } from "./raw.ts";
import { ScriptedAgent, sequenceOf, serveRelay, view } from "./support.ts";
import { readingAt } from "../../support/reading.ts";
import { until } from "../../support/until.ts";

/** Enough of them that garbage, divided by their number, is little. */
const slowViewers = 30;
const power = "/api/v1/ws/v2/power?interval=0.01";

Deno.test("a viewer that never reads is closed with 4008, and the others miss nothing", async () => {
  await using served = await serveRelay({ limits: { tooSlowMs: 200, faultRepeatMs: 50 } });
  await using agent = await ScriptedAgent.start(served.host);
  await using other = view(served.host, "power?interval=0.01");
  await other.opened;
  using _slow = await rawSocket(served.host, power);
  await until(
    "both viewers",
    async () => (await (await fetch(`http://${served.host}/ready`)).text()).includes("2 viewers"),
  );
  let sent = 0;
  const closed = () =>
    served.log.lines.some(({ message, fields }) =>
      message === "connection ended" && JSON.stringify(fields).includes("4008")
    );
  await until("4008", async () => {
    for (let i = 0; i < 20; i++) {
      agent.read(...Array.from({ length: 50 }, () => readingAt(1 + (sent++) / 100)));
    }
    await agent.acknowledged();
    return closed();
  }, { timeoutMs: 30_000, everyMs: 1 });
  await until("every reading", () => other.of("data").length === sent);
  assert.deepEqual(
    other.of("data").map(({ cursor }) => sequenceOf(cursor)),
    Array.from({ length: sent }, (_, i) => i + 1),
  );
  assert.ok(other.of("data").every(({ conflated }) => conflated === undefined));
  const metrics = await (await fetch(`http://${served.host}/metrics`)).text();
  assert.ok(Number(/lightline_readings_conflated_total (\d+)/.exec(metrics)?.[1]) > 0);
  assert.ok(Number(/lightline_send_queue_high_water_bytes (\d+)/.exec(metrics)?.[1]) < 1024 * 1024);
});

Deno.test("a viewer whose queue grows, because it does not read, delays no reading for the others", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  using _slow = await rawSocket(served.host, power);
  await until(
    "the viewer",
    async () => (await (await fetch(`http://${served.host}/ready`)).text()).includes("1 viewers"),
  );
  const metric = async (name: string) =>
    Number(
      new RegExp(`lightline_${name} (\\d+)`).exec(
        await (await fetch(`http://${served.host}/metrics`)).text(),
      )?.[1],
    );
  let sent = 0;
  await until("a queue", async () => {
    // Some 38 kB: less than lies between a queue that is noticed and one that is conflated.
    for (let i = 0; i < 4; i++) {
      agent.read(...Array.from({ length: 50 }, () => readingAt(1 + sent++ / 100)));
    }
    await agent.acknowledged();
    return await metric("send_queue_high_water_bytes") > 20_000;
  }, { timeoutMs: 30_000, everyMs: 0 });
  const startedMs = performance.now();
  for (let i = 0; i < 10; i++) {
    agent.read(readingAt(1 + sent++ / 100));
    await agent.acknowledged();
  }
  const tookMs = performance.now() - startedMs;
  assert.equal(await metric("readings_conflated_total"), 0);
  assert.ok(tookMs < 500, `${tookMs} ms for 10 readings`);
});

Deno.test("a viewer that reads again gets the folded reading, and every sequence number is accounted for, also when it subscribed again meanwhile", async () => {
  await using served = await serveRelay({ limits: { faultRepeatMs: 20 } });
  await using agent = await ScriptedAgent.start(served.host);
  using slow = await rawSocket(served.host, "/ws");
  const subscribe = async () => {
    const message = JSON.stringify({ type: "subscribe", channels: ["power/4"], interval: 0.01 });
    await slow.write(frame(0x81, message));
  };
  await subscribe();
  await until(
    "the viewer",
    async () => (await (await fetch(`http://${served.host}/ready`)).text()).includes("1 viewers"),
  );
  let sent = 0;
  const conflated = async () =>
    Number(
      /readings_conflated_total (\d+)/.exec(await (await fetch(`http://${served.host}/metrics`)).text())?.[1],
    );
  await until("conflation", async () => {
    for (let i = 0; i < 20; i++) {
      agent.read(...Array.from({ length: 50 }, () => {
        sent += 1;
        return readingAt(1 + sent / 100, {
          ch1_power: 0 - sent % 1000,
          ch2_power: null,
          flags: { ch2: "under_range" },
        });
      }));
    }
    await agent.acknowledged();
    return await conflated() > 2000;
  }, { timeoutMs: 30_000, everyMs: 1 });
  await subscribe();
  // Frames are text without masks: what stands between them is enough to take them apart.
  let text = "";
  const decoder = new TextDecoder("latin1");
  const readings = () =>
    [...text.matchAll(/\{"type":"data".*?\}(?=[^,}\w"]|$)/g)].map(([json]) => JSON.parse(json));
  const buffer = new Uint8Array(1 << 20);
  while (!text.includes(`-${sent}"`)) {
    const length = await slow.read(buffer);
    assert.ok(length !== null, "the socket stays open");
    text += decoder.decode(buffer.subarray(0, length));
  }
  let last = 0;
  for (const reading of readings()) {
    const seq = sequenceOf(reading.cursor);
    assert.equal(seq, last + (reading.conflated ?? 1));
    last = seq;
  }
  assert.equal(last, sent);
  const folded = readings().find((reading) => reading.conflated > 1000);
  assert.deepEqual({ min: folded.min.ch1, max: folded.max.ch1 }, { min: -999, max: 0 });
  assert.equal(folded.min.ch2, undefined);
});

Deno.test("viewers that never read cost the relay less than 2 MiB each, however much there is for them", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "lightline-slow-" });
  const sockets: Deno.TcpConn[] = [];
  try {
    await using child = await startChild(dataDir);
    await using agent = await ScriptedAgent.start(child.host);
    let sent = 0;
    const burst = async (count: number) => {
      for (let i = 0; i < count; i++) {
        agent.read(...Array.from({ length: 50 }, () => readingAt(1 + sent++ / 100)));
      }
      await agent.acknowledged();
    };
    const metrics = async () => await (await fetch(`http://${child.host}/metrics`)).text();
    const value = (text: string, name: string) =>
      Number(new RegExp(`^lightline_${name} (.+)$`, "m").exec(text)?.[1]);
    const connect = async (count: number, before: number) => {
      sockets.push(...await Promise.all(Array.from({ length: count }, () => rawSocket(child.host, power))));
      await until(
        "the viewers",
        async () => value(await metrics(), 'connections{endpoint="power",state="open"}') === before + count,
      );
    };
    const fill = () =>
      until("conflation for all", async () => {
        const before = value(await metrics(), "readings_conflated_total");
        await burst(4);
        return value(await metrics(), "readings_conflated_total") - before === 4 * 50 * sockets.length;
      }, { timeoutMs: 60_000, everyMs: 0 });
    const resident = () =>
      1024 * Number(/VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${child.pid}/status`))?.[1]);
    // The first of them pay for the relay's own growth: what is divided below is the others'.
    await connect(5, 0);
    await fill();
    const before = resident();
    await connect(slowViewers, 5);
    await fill();
    const bytes = (resident() - before) / slowViewers;
    const high = value(await metrics(), "send_queue_high_water_bytes");
    console.log(`${(bytes / 1024).toFixed(0)} KiB each, longest queue ${(high / 1024).toFixed(0)} KiB`);
    assert.ok(high > 64 * 1024 && high <= 1024 * 1024, `longest send queue: ${high} bytes`);
    assert.ok(bytes < 2 * 1024 * 1024, `${bytes} bytes for each viewer`);
  } finally {
    for (const socket of sockets) socket.close();
    await Deno.remove(dataDir, { recursive: true });
  }
});

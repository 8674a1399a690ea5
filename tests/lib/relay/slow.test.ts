import assert from "node:assert/strict";
import { rawSocket, readingAt, ScriptedAgent, sequenceOf, serveRelay, view } from "./support.ts";
import { until } from "../../support/until.ts";

const power = "/api/v1/ws/v2/power?interval=0.01";

Deno.test("a viewer that never reads is closed with 4008, and the others miss nothing", async () => {
  await using served = serveRelay({ limits: { tooSlowMs: 200, faultRepeatMs: 50 } });
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

Deno.test("a viewer that reads again gets the folded reading, and every sequence number is accounted for", async () => {
  await using served = serveRelay({ limits: { faultRepeatMs: 20 } });
  await using agent = await ScriptedAgent.start(served.host);
  using slow = await rawSocket(served.host, power);
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

// The history for plots: `GET /api/v1/history` and its export, on a real relay with a real SQLite file.

import assert from "node:assert/strict";
import { type Envelope, envelope, problem, type Reading } from "../../../lib/protocol/mod.ts";
import { until } from "../../support/until.ts";
import { ScriptedAgent, type ServedRelay, serveRelay } from "./support.ts";
import { readingAt, readingsFrom } from "../../support/reading.ts";

const startS = 1_800_000_000;

/** A relay whose clock stands just after the last reading. */
async function withReadings(readings: readonly Reading[], test: (served: ServedRelay) => Promise<void>) {
  const dataDir = await Deno.makeTempDir({ prefix: "lightline-envelope-" });
  try {
    await using served = await serveRelay({
      dataDir,
      now: () => (readings.at(-1)?.timestamp ?? startS) * 1000 + 50,
    });
    await using agent = await ScriptedAgent.start(served.host);
    for (let from = 0; from < readings.length; from += 50) agent.read(...readings.slice(from, from + 50));
    await agent.acknowledged();
    await test(served);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

async function ask({ host }: ServedRelay, query: string): Promise<Envelope> {
  const answer = await fetch(`http://${host}/api/v1/history?${query}`);
  const body: unknown = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(body));
  return envelope.parse(body);
}

/** What the answer must say of channel 1, from the readings themselves. */
function columnsFrom(readings: readonly Reading[], from: number, to: number, count: number) {
  const width = (to - from) / count;
  const columns = new Map<number, { min: number; max: number; last: number }>();
  for (const { timestamp, ch1_power } of readings) {
    if (timestamp < from || timestamp >= to || ch1_power === null) continue;
    const at = Math.floor((timestamp - from) / width);
    const { min = Infinity, max = -Infinity } = columns.get(at) ?? {};
    columns.set(at, { min: Math.min(min, ch1_power), max: Math.max(max, ch1_power), last: ch1_power });
  }
  return [...columns.values()];
}

const wave = (index: number) => Math.round(Math.sin(index / 7) * 1000 - 17_000) / 1000;
const waves = (count: number): Reading[] =>
  readingsFrom(startS, count).map((reading, index) => ({ ...reading, ch1_power: wave(index) }));

Deno.test("history - columns narrower than a block of readings have exactly the readings' extremes", async () => {
  const readings = waves(1000);
  await withReadings(readings, async (served) => {
    const [from, to] = [startS + 10, startS + 60];
    const { time, ch1, gaps, column_s } = await ask(served, `module=4&from=${from}&to=${to}&columns=100`);
    const wanted = columnsFrom(readings, from, to, 100);
    assert.equal(column_s, 0.5);
    assert.deepEqual(ch1.min, wanted.map(({ min }) => min));
    assert.deepEqual(ch1.max, wanted.map(({ max }) => max));
    assert.deepEqual(ch1.last, wanted.map(({ last }) => last));
    assert.equal(time[0], from);
    assert.deepEqual(gaps, []);
  });
});

Deno.test("history - zoomed out, no extreme is lost though columns come from summaries", async () => {
  const readings = waves(20_000);
  readings[7777] = readingAt(startS + 777.7, { ch1_power: 3.5 });
  await withReadings(readings, async (served) => {
    const { ch1, time } = await ask(served, `from=${startS}&to=${startS + 2000}&columns=20`);
    assert.equal(time.length, 20);
    assert.equal(Math.max(...ch1.max.map(Number)), 3.5);
    assert.equal(ch1.max.indexOf(3.5), 7);
    assert.equal(Math.min(...ch1.min.map(Number)), -18);
    assert.equal(ch1.last.at(-1), Math.round(wave(19_999) * 1000) / 1000);
  });
});

Deno.test("history - a silence is a gap from the last reading before it to the first after it, named by who was at fault", async () => {
  let nowMs = startS * 1000;
  await using served = await serveRelay({ now: () => nowMs });
  await using agent = await ScriptedAgent.start(served.host);
  const read = async (fromS: number, count: number) => {
    nowMs = (fromS + count / 10) * 1000;
    for (let sent = 0; sent < count; sent += 50) agent.read(...readingsFrom(fromS + sent / 10, 50));
    await agent.acknowledged();
  };
  await read(startS, 200);
  agent.say({ type: "fault", source: "instrument", message: "it does not answer", recoverable: true });
  await until("the fault", () => served.relay.modules()[0]?.fault?.source === "instrument");
  nowMs += 2000;
  await until("the outage to be written down", async () => {
    const { gaps } = await ask(served, `from=${startS}&to=${startS + 60}`);
    return gaps.at(-1)?.reason === "instrument";
  });
  agent.say({ type: "recovered" });
  await read(startS + 60, 400);
  const { gaps } = await ask(served, `from=${startS}&to=${startS + 100}`);
  assert.deepEqual(gaps, [
    { from: startS + 19.9, to: startS + 60, reason: "instrument", message: "it does not answer" },
  ]);
});

Deno.test("history - what no reading is as old as is said to be expired, and a stretch without a reading is one gap", async () => {
  await withReadings(readingsFrom(startS, 300), async (served) => {
    const early = await ask(served, `from=${startS - 30}&to=${startS + 30}&columns=60`);
    assert.deepEqual(early.gaps.map(({ from, to, reason }) => ({ from, to, reason })), [
      { from: startS - 30, to: startS, reason: "expired" },
    ]);
    const nothing = await ask(served, `from=${startS - 60}&to=${startS - 30}`);
    assert.deepEqual(nothing.time, []);
    assert.deepEqual(nothing.gaps.map(({ reason }) => reason), ["expired"]);
    const other = await ask(served, `module=9&from=${startS}&to=${startS + 30}`);
    assert.deepEqual([other.cursor, other.time], [null, []]);
  });
});

Deno.test("history - a relay that was stopped names the gap that this left", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "lightline-envelope-" });
  try {
    for (const fromS of [startS, startS + 100]) {
      await using served = await serveRelay({ dataDir, now: () => fromS * 1000 + 30_000 });
      await using agent = await ScriptedAgent.start(served.host, `boot${fromS}`);
      agent.read(...readingsFrom(fromS + 25, 50));
      await agent.acknowledged();
      if (fromS === startS) continue;
      const { gaps } = await ask(served, `from=${startS + 25}&to=${startS + 130}`);
      assert.deepEqual(gaps.map(({ from, to, reason }) => ({ from, to, reason })), [
        { from: startS + 29.9, to: startS + 125, reason: "relay" },
      ]);
    }
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("history - milliwatts are shown as dBm, and a channel without a number has none", async () => {
  const readings = [
    readingAt(startS, {
      ...{ unit: "mW", ch1_power: 1, ch2_power: 0, ch3_power: null },
      flags: { ch3: "over_range" },
    }),
    readingAt(startS + 0.1, {
      ...{ unit: "dBm", ch1_power: -3, ch2_power: -5, ch3_power: null },
      flags: { ch3: "invalid" },
    }),
  ];
  await withReadings(readings, async (served) => {
    const { unit, ch1, ch2, ch3 } = await ask(served, `from=${startS}&to=${startS + 1}&columns=1`);
    assert.equal(unit, "dBm");
    assert.deepEqual(ch1, { min: [-3], max: [0], last: [-3] });
    assert.deepEqual(ch2, { min: [-5], max: [-5], last: [-5] });
    assert.deepEqual(ch3, { min: [null], max: [null], last: [null] });
  });
});

Deno.test("history - a wrong query is told which parameters are wrong, one by one", async () => {
  await using served = await serveRelay();
  const problemOf = async (query: string) => {
    const answer = await fetch(`http://${served.host}/api/v1/history?${query}`);
    assert.equal(answer.headers.get("content-type"), "application/problem+json");
    return problem.parse(await answer.json());
  };
  const names = async (query: string) => (await problemOf(query)).errors?.map(({ name }) => name).sort();
  assert.deepEqual(await names(""), ["from", "to"]);
  assert.deepEqual(await names("from=x&to=2&columns=0&module=21&zoom=1"), [
    ...["columns", "from", "module", "zoom"],
  ]);
  assert.deepEqual(await names("from=5&to=5"), ["to"]);
  assert.equal((await problemOf("from=1&to=2&columns=9999")).status, 400);
});

Deno.test("export - a line for each reading of the stretch, in order, with what flags say", async () => {
  const readings = readingsFrom(startS, 2000);
  readings[500] = readingAt(startS + 50, { ch2_power: null, flags: { ch2: "under_range" } });
  await withReadings(readings, async (served) => {
    const answer = await fetch(
      `http://${served.host}/api/v1/history.csv?module=4&from=${startS + 40}&to=${startS + 60}`,
    );
    assert.match(answer.headers.get("content-type") ?? "", /^text\/csv/);
    assert.match(
      answer.headers.get("content-disposition") ?? "",
      /^attachment; filename="module-4_[-0-9TZ_]+\.csv"$/,
    );
    const lines = (await answer.text()).split("\r\n");
    assert.equal(lines.pop(), "");
    assert.equal(lines.length, 201);
    assert.match(lines[0] ?? "", /^time,timestamp_s,module,wavelength_nm,unit,ch1_power,.*,cursor$/);
    assert.match(
      lines[101] ?? "",
      /^2027-01-15T08:00:50\.000Z,1800000050,4,1310,dBm,-17\.85,,6\.94,-60\.12,,under_range,,,[0-9a-z]+-501$/,
    );
  });
});

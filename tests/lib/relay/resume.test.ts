import assert from "node:assert/strict";
import { type Data, readingsPage, replayFrameLimit } from "../../../lib/protocol/mod.ts";
import { ScriptedAgent, sequenceOf, type ServedRelay, serveRelay, view } from "./support.ts";
import { readingAt, readingsFrom } from "../../support/reading.ts";
import { until } from "../../support/until.ts";

const numbers = (readings: readonly Data[]) => readings.map(({ cursor }) => sequenceOf(cursor));
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

async function poll(served: ServedRelay, query: string) {
  return readingsPage.parse(
    await (await fetch(`http://${served.host}/api/v1/readings?module=4&${query}`)).json(),
  );
}

Deno.test("a cursor gets everything after it, in frames, then live readings, none left out and none twice", async () => {
  // A time at which none of the readings is old enough to be pruned.
  await using served = await serveRelay({ now: () => 300_000 });
  await using agent = await ScriptedAgent.start(served.host);
  const stored = 20_000;
  for (let i = 0; i < stored / 50; i++) agent.read(...readingsFrom(1 + i / 2, 50, 100));
  await agent.acknowledged();
  const { epoch } = served.relay.history();
  await using viewer = view(served.host, `power?interval=0.01&since=${epoch}-100`);
  await viewer.next("replay");
  // The replay has only begun: some of these come before its last frame, the others after it.
  await until("live readings", () => {
    agent.read(readingAt(1 + agent.sequence / 100));
    return viewer.of("data").length >= 50;
  }, { everyMs: 1 });
  await agent.acknowledged();
  const seen = () =>
    numbers(viewer.messages.flatMap((message) => {
      if (message.type === "replay") return message.readings;
      return message.type === "data" ? [message] : [];
    }));
  await until("the last reading", () => seen().at(-1) === agent.sequence);
  assert.deepEqual(seen(), range(101, agent.sequence));
  const replays = viewer.of("replay");
  assert.ok(replays.every(({ complete, readings }) => complete && readings.length <= replayFrameLimit));
  // lib/socket knows the last frame of a replay by its length.
  assert.ok(replays.slice(0, -1).every(({ readings }) => readings.length >= 50));
  const seam = sequenceOf(viewer.of("data")[0]?.cursor ?? "");
  assert.ok(seam > stored + 1, `live readings begin with ${seam}: none came while the replay was on its way`);
});

Deno.test("an empty replay says that nothing was missed", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  agent.read(...readingsFrom(1, 3));
  await agent.acknowledged();
  await using viewer = view(served.host, `power?since=${served.relay.modules()[0]?.cursor}`);
  assert.deepEqual(await viewer.next("replay"), { type: "replay", module: 4, readings: [], complete: true });
  agent.read(readingAt(2));
  assert.equal(sequenceOf((await viewer.next("data")).cursor), 4);
});

Deno.test("a replay is not thinned by the viewer's interval", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  agent.read(...readingsFrom(1, 40));
  await agent.acknowledged();
  await using viewer = view(served.host, `power?interval=10&since=${served.relay.history().epoch}-0`);
  assert.equal((await viewer.next("replay")).readings.length, 40);
});

Deno.test("a cursor of another history gets what there is, and is told what cannot be filled", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  agent.read(...readingsFrom(1, 5));
  await agent.acknowledged();
  const { epoch } = served.relay.history();
  const missing = { from: "anotherepoch-78", to: `${epoch}-0`, reason: "history_replaced" };
  await using viewer = view(served.host, "power?since=anotherepoch-77");
  const replay = await viewer.next("replay");
  assert.equal(replay.complete, false);
  assert.deepEqual(replay.missing, missing);
  assert.deepEqual(numbers(replay.readings), range(1, 5));
  assert.deepEqual((await poll(served, "since=anotherepoch-77")).missing, missing);
  const { missing: last } = await poll(served, "since=anotherepoch-999999999999999");
  assert.equal(last?.from, "anotherepoch-999999999999999");
});

Deno.test("a cursor from before the oldest reading kept is told how much has expired", async () => {
  let now = 1_000_000;
  await using served = await serveRelay({ historyHours: 1 / 60, now: () => now });
  await using agent = await ScriptedAgent.start(served.host);
  agent.read(...readingsFrom(1000, 10, 1));
  await agent.acknowledged();
  now = 1_065_500;
  await until("the pruning", () => served.relay.recent(4, 0).length === 4);
  const { epoch } = served.relay.history();
  const missing = { from: `${epoch}-3`, to: `${epoch}-6`, reason: "history_expired" };
  const page = await poll(served, `since=${epoch}-2`);
  assert.deepEqual(page.missing, missing);
  assert.deepEqual(numbers(page.readings), range(7, 10));
  await using viewer = view(served.host, `power?since=${epoch}-2`);
  const replay = await viewer.next("replay");
  assert.deepEqual({ missing: replay.missing, complete: replay.complete }, { missing, complete: false });
  assert.equal((await poll(served, `since=${epoch}-6`)).missing, undefined);
});

Deno.test("pruning keeps the newest reading of a stream, however old: the numbering goes on from it", async () => {
  let now = 1_000_000;
  await using served = await serveRelay({ historyHours: 1 / 60, now: () => now });
  await using agent = await ScriptedAgent.start(served.host);
  agent.read(...readingsFrom(1000, 10, 1));
  await agent.acknowledged();
  now = 9_000_000;
  await until("the pruning", () => served.relay.recent(4, 0).length === 1);
  agent.read(readingAt(9000));
  await agent.acknowledged();
  assert.equal(sequenceOf(served.relay.modules()[0]?.cursor ?? ""), 11);
});

Deno.test("socket and poll give the same readings for the same cursor", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  agent.read(...readingsFrom(1, 30));
  await agent.acknowledged();
  const since = `since=${served.relay.history().epoch}-12`;
  await using viewer = view(served.host, `power?${since}`);
  const { readings } = await viewer.next("replay");
  assert.deepEqual((await poll(served, since)).readings, readings);
});

Deno.test("polls go on from their cursor, a page at a time", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  assert.deepEqual(await poll(served, "limit=10").then(({ readings, cursor }) => ({ readings, cursor })), {
    readings: [],
    cursor: null,
  });
  agent.read(...readingsFrom(1, 25));
  await agent.acknowledged();
  assert.deepEqual(numbers((await poll(served, "limit=3")).readings), [23, 24, 25]);
  let cursor = `${served.relay.history().epoch}-0`;
  const seen: number[] = [];
  for (let i = 0; i < 4; i++) {
    const page = await poll(served, `limit=10&since=${cursor}`);
    seen.push(...numbers(page.readings));
    assert.ok(page.cursor);
    cursor = page.cursor;
  }
  assert.deepEqual(seen, range(1, 25));
});

Deno.test("a long poll is held until there is a reading", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  agent.read(readingAt(1));
  await agent.acknowledged();
  const cursor = served.relay.modules()[0]?.cursor;
  const held = poll(served, `wait=20&since=${cursor}`);
  const short = await poll(served, `wait=0.1&since=${cursor}`);
  assert.deepEqual(short.readings, []);
  assert.equal(short.cursor, cursor);
  agent.read(readingAt(2));
  assert.deepEqual(numbers((await held).readings), [2]);
});

Deno.test("a long poll ends when something goes wrong", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  agent.read(readingAt(1));
  await agent.acknowledged();
  const held = poll(served, `wait=20&since=${served.relay.modules()[0]?.cursor}`);
  await poll(served, "wait=0");
  agent.say({ type: "fault", source: "instrument", message: "no answer", recoverable: true });
  assert.equal((await held).fault?.code, "instrument_fault");
});

Deno.test("an unchanged page is answered with 304", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  agent.read(readingAt(1));
  await agent.acknowledged();
  const url = `http://${served.host}/api/v1/readings?since=${served.relay.modules()[0]?.cursor}`;
  const first = await fetch(url);
  await first.body?.cancel();
  assert.equal(first.headers.get("cache-control"), "no-store");
  const headers = { "if-none-match": first.headers.get("etag") ?? "" };
  assert.equal((await fetch(url, { headers })).status, 304);
  agent.read(readingAt(2));
  await agent.acknowledged();
  const changed = await fetch(url, { headers });
  assert.equal(changed.status, 200);
  await changed.body?.cancel();
});

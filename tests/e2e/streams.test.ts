// The relay's streams as any WebSocket client sees them, on a system started by its one command.

import assert from "node:assert/strict";
import { replay } from "../../lib/protocol/mod.ts";
import { startLightline } from "../support/lightline.ts";
import { stepsOf } from "../support/steps.ts";
import { until } from "../support/until.ts";
import { breaks, history, openViewer } from "./viewer.ts";

const power = "/api/v1/ws/v2/power";
const fields = [
  "ch1_power",
  "ch2_power",
  "ch3_power",
  "ch4_power",
  "cursor",
  "module",
  "timestamp",
  "type",
  "unit",
  "wavelength_nm",
];

Deno.test("the streams of a running Lightline", async (t) => {
  await using lightline = await startLightline();
  const { origin } = lightline;
  const step = stepsOf(t);

  const openedAtMs = Date.now();
  await using fast = await openViewer(origin, `${power}?module=4&interval=0.1`);
  await using slow = await openViewer(origin, `${power}?module=4&interval=0.5`);

  await step("interval=0.1 gets ten readings a second, interval=0.5 two, side by side", async () => {
    await until("five seconds of readings", () => slow.data().length >= 13, { timeoutMs: 20_000 });
    const perSecond = (data: readonly { readonly timestamp: number }[]) =>
      (data.length - 1) / ((data.at(-1)?.timestamp ?? 0) - (data[0]?.timestamp ?? 0));
    // The first is the newest of before, and the next one may come early: only then has the rate settled.
    const [ten, two] = [fast, slow].map((viewer) => perSecond(viewer.data().slice(2)));
    assert.ok(ten !== undefined && two !== undefined);
    assert.ok(ten > 9 && ten < 11, `interval=0.1 got ${ten} readings a second`);
    assert.ok(two > 1.8 && two < 2.2, `interval=0.5 got ${two} readings a second`);
  });

  await step("a reading has exactly the fields of the protocol", async () => {
    const data = await until("a reading", () => fast.received.find(({ message }) => message.type === "data"));
    assert.deepEqual(Object.keys(data.raw).sort(), fields);
    assert.equal(data.raw["module"], 4);
    assert.equal(data.raw["unit"], "dBm");
    assert.ok(
      Math.abs(Date.now() / 1000 - Number(data.raw["timestamp"])) < 60,
      "its time is now, in seconds",
    );
  });

  for (
    const [query, name] of [
      ["module=21", "module"],
      ["module=x", "module"],
      ["module=4&interval=0.001", "interval"],
      ["module=4&since=yesterday", "since"],
    ]
  ) {
    await step(`?${query} gets 400 and a problem body that names ${name}`, async () => {
      const response = await fetch(`${origin}${power}?${query}`, {
        headers: {
          connection: "Upgrade",
          upgrade: "websocket",
          "sec-websocket-version": "13",
          "sec-websocket-key": "bGlnaHRsaW5lLXRlc3Rlcg==",
        },
      });
      const body = await response.json();
      assert.equal(response.status, 400);
      assert.equal(response.headers.get("content-type")?.split(";")[0], "application/problem+json");
      assert.deepEqual(body.errors.map((error: { name: string }) => error.name), [name]);
      assert.ok(body.errors[0].reason.length > 5, "it says why");
    });
  }

  await step("since=<cursor> brings the same readings on the socket and on the poll", async () => {
    const since = fast.data()[2]?.cursor;
    assert.ok(since);
    await using late = await openViewer(origin, `${power}?module=4&interval=0.01&since=${since}`);
    await until("live readings after the replay", () => late.data().length >= 5);
    const replayed = late.received.flatMap(({ raw }) =>
      raw["type"] === "replay" ? replay.parse(raw).readings : []
    );
    const onSocket = [...replayed, ...late.data()];
    const polled = await history(origin, since);
    assert.ok(replayed.length > 10, "the replay had something to bring");
    assert.deepEqual(breaks(onSocket), []);
    assert.deepEqual(onSocket, polled.slice(0, onSocket.length));
  });

  await step("the health socket answers a ping, and beats on opening", async () => {
    await using health = await openViewer(origin, "/api/v1/ws/v2/health");
    await until("the first heartbeat", () => health.heartbeats().length > 0, { timeoutMs: 2000 });
    health.socket.send("ping");
    await until("the pong", () => health.received.some(({ message }) => message.type === "pong"));
  });

  await step("a heartbeat comes within 30 s", async () => {
    await until("a heartbeat", () => fast.heartbeats().length > 0, { timeoutMs: 32_000 });
    const beat = fast.received.find(({ message }) => message.type === "heartbeat");
    assert.ok(beat && beat.atMs - openedAtMs < 31_000);
    assert.deepEqual(Object.keys(beat.raw).sort(), ["active_streams", "timestamp", "type"]);
    assert.equal(fast.heartbeats()[0]?.active_streams, 2);
  });
});

// Whom a message goes to: every viewer in its own envelope, and nobody who has gone.

import assert from "node:assert/strict";
import { z } from "zod";
import { type Publication, update } from "../../../lib/protocol/mod.ts";
import { until } from "../../support/until.ts";
import { Client, ScriptedAgent, serveRelay, view } from "./support.ts";
import { readingAt } from "../../support/reading.ts";

const anyMessage = z.looseObject({ type: z.string() });
const anyUpdate = update.transform((message) => ({ type: message.event, ...message }));

Deno.test("viewers of one stream at one interval each get its readings in their own envelope", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  const openUpdates = async () => {
    const client = new Client(`ws://${served.host}/ws/updates`, anyUpdate);
    await client.opened;
    client.send({ event: "subscribe", data: { channels: ["power/4"], interval: 0.01 } });
    await client.next("subscribed");
    return client;
  };
  // One before the viewer of the other kind, one after it.
  await using firstUpdates = await openUpdates();
  await using typed = view(served.host, "power?interval=0.01");
  await typed.opened;
  typed.send({ type: "ping" });
  await typed.next("pong");
  await using lastUpdates = await openUpdates();
  const reading = readingAt(1000);
  agent.read(reading);
  const cursor = `${served.relay.history().epoch}-1`;
  assert.deepEqual(await typed.next("data"), { type: "data", ...reading, cursor });
  for (const client of [firstUpdates, lastUpdates]) {
    const { event, data, timestamp } = await client.next("power/4");
    assert.deepEqual({ event, data, timestamp }, {
      event: "power/4",
      data: { ...reading, cursor },
      timestamp: "1970-01-01T00:16:40.000Z",
    });
  }
});

const timestamp = "2026-02-02T12:00:00Z";
const messages = {
  lasers: { type: "lasers", data: { words: "" }, timestamp },
  sweep: {
    type: "sweep_progress",
    data: { state: "idle", wavelength_nm: null, percent: 0, started_at: null, eta_s: null },
    timestamp,
  },
  events: { type: "event_created", data: { id: 1 }, timestamp },
  metrics: { type: "metrics_update", data: {}, timestamp },
  "signals:detected": { type: "signals:detected", data: {}, timestamp },
  "who:what": { type: "who:what", data: {}, timestamp },
} as const satisfies Readonly<Record<string, Publication>>;

const audiences: [path: string, subscribe: unknown, channels: (keyof typeof messages)[]][] = [
  ["/api/v1/ws/v2/power", null, ["lasers"]],
  ["/api/v1/ws/v2/sweep/progress", null, ["sweep"]],
  ["/ws", { type: "subscribe", channels: ["who:what"] }, ["events", "metrics", "who:what"]],
  ["/ws/updates", { event: "subscribe", data: { channels: ["who:what"] } }, ["signals:detected", "who:what"]],
];

for (const [path, subscribe, channels] of audiences) {
  Deno.test(`whoever has left ${path} is no viewer of ${channels.join(", ")} any more`, async () => {
    await using served = await serveRelay();
    const viewers = () => channels.map((channel) => served.relay.publish(channel, messages[channel]));
    await using client = new Client(`ws://${served.host}${path}`, z.union([anyMessage, anyUpdate]));
    await client.opened;
    if (subscribe !== null) client.send(subscribe);
    await until("one viewer on each", () => viewers().every((count) => count === 1));
    await client[Symbol.asyncDispose]();
    await until("no viewer", () => viewers().every((count) => count === 0));
  });
}

// protocol.md line by line: every message that the relay sends, and every wrong message. The codes that it closes with are
// in closing.test.ts.

import assert from "node:assert/strict";
import { z } from "zod";
import {
  ack,
  command,
  data,
  error,
  heartbeat,
  pong,
  publications,
  reconnect,
  replay,
  subscribed,
  update,
  welcome,
} from "../../../lib/protocol/mod.ts";
import { until } from "../../support/until.ts";
import { agentToken, Client, ScriptedAgent, type ServedRelay, serveRelay } from "./support.ts";
import { readingAt, readingsFrom } from "../../support/reading.ts";

const anyTyped = z.looseObject({ type: z.string() });
const anyEvented = z.looseObject({ event: z.string() }).transform((message) => ({
  ...message,
  type: message.event,
}));
type AnyClient = Client<{ type: string }>;

const connect = (served: ServedRelay, path: string): AnyClient =>
  new Client(
    `ws://${served.host}${path}`,
    path === "/ws/updates" ? anyEvented : anyTyped,
    path.startsWith("/api/v1/agent") ? { authorization: `Bearer ${agentToken}` } : {},
  );

const publish = async (served: ServedRelay, channel: string, body: unknown) => {
  const response = await fetch(`http://${served.host}/api/v1/events/${channel}`, {
    method: "POST",
    headers: { authorization: `Bearer ${agentToken}` },
    body: JSON.stringify(body),
  });
  await response.body?.cancel();
  assert.equal(response.status, 202);
};

interface Scene {
  readonly served: ServedRelay;
  readonly agent: ScriptedAgent;
  readonly client: AnyClient;
}

const payloads = {
  sample: {
    sample_id: 1,
    characteristic_id: 1,
    timestamp: "2026-02-02T12:00:00Z",
    value: 1,
    zone: "a",
    in_control: true,
  },
  violation: {
    violation_id: 1,
    characteristic_id: 1,
    sample_id: 1,
    rule_id: 1,
    rule_name: "r",
    severity: "LOW",
  },
  ack_update: { violation_id: 1, characteristic_id: 1, acknowledged: true, ack_user: "u", ack_reason: "r" },
};
const subscribeTo = (client: AnyClient, ...channels: string[]) =>
  client.send({ type: "subscribe", channels });
const onCharacteristic = (type: keyof typeof payloads) => async ({ served, client }: Scene) => {
  subscribeTo(client, "characteristic/1");
  await client.next("subscribed");
  await publish(served, "characteristic/1", { type, payload: payloads[type] });
};
const onEvents = (type: string) => ({ served }: Scene) =>
  publish(served, "events", { type, data: { id: 1 } });
const nothing = () => {};

const power = "/api/v1/ws/v2/power?interval=0.01";
const agentPath = "/api/v1/agent?station=bench-2";
const hello = { type: "hello", station: "bench-2", boot: "boot0002", identity: null, modules: [5] };

const messages: [type: string, path: string, schema: z.ZodType, provoke: (scene: Scene) => unknown][] = [
  ["data", power, data, ({ agent }) => agent.read(readingAt(10))],
  ["replay", `${power}&since=abcdefgh-1`, replay, nothing],
  ["heartbeat", "/api/v1/ws/v2/health", heartbeat, nothing],
  ["pong", power, pong, ({ client }) => client.send({ type: "ping" })],
  ["pong", "/api/v1/ws/v2/health", pong, ({ client }) => client.send("ping")],
  ["pong", "/api/v1/ws/v2/sweep/progress", pong, ({ client }) => client.send({ type: "ping" })],
  ["pong", "/ws", pong, ({ client }) => client.send({ type: "ping" })],
  ["error", power, error, ({ client }) => client.send("{")],
  ["reconnect", power, reconnect, ({ served }) => served.relay.drain("test")],
  ["reconnect", agentPath, reconnect, ({ served }) => served.relay.drain("test")],
  ["subscribed", "/ws", subscribed, ({ client }) => subscribeTo(client, "events")],
  [
    "unsubscribed",
    "/ws",
    subscribed,
    ({ client }) => client.send({ type: "unsubscribe", characteristic_ids: [1] }),
  ],
  ["sample", "/ws", publications.characteristic, onCharacteristic("sample")],
  ["violation", "/ws", publications.characteristic, onCharacteristic("violation")],
  ["ack_update", "/ws", publications.characteristic, onCharacteristic("ack_update")],
  ["event_created", "/ws", publications.events, onEvents("event_created")],
  ["event_updated", "/ws", publications.events, onEvents("event_updated")],
  ["event_deleted", "/ws", publications.events, onEvents("event_deleted")],
  ["metrics_update", "/ws", publications.metrics, nothing],
  [
    "services:health",
    "/ws",
    publications["services:health"],
    ({ client }) => subscribeTo(client, "services:health"),
  ],
  [
    "stations:status",
    "/ws",
    publications["stations:status"],
    ({ client }) => subscribeTo(client, "stations:status"),
  ],
  ["sweep_progress", "/api/v1/ws/v2/sweep/progress", publications.sweep, nothing],
  ...["connected", "services:health", "stations:status"].map((
    event,
  ): typeof messages[number] => [event, "/ws/updates", update, nothing]),
  [
    "signals:detected",
    "/ws/updates",
    update,
    ({ served }) => publish(served, "signals:detected", { data: { snr_db: 1 } }),
  ],
  ["pong", "/ws/updates", update, ({ client }) => client.send({ event: "ping" })],
  ["error", "/ws/updates", update, ({ client }) => client.send({ event: "wrong" })],
  ["reconnect", "/ws/updates", update, ({ served }) => served.relay.drain("test")],
  ["welcome", agentPath, welcome, ({ client }) => client.send(hello)],
  ["ack", agentPath, ack, ({ client }) => {
    client.send(hello);
    client.send({ type: "readings", boot: "boot0002", first: 1, items: [readingAt(1, { module: 5 })] });
  }],
  ["command", agentPath, command, async ({ served, client }) => {
    client.send(hello);
    await client.next("welcome");
    served.relay.command("bench-2", "laser.on", {}, 10).catch(() => {});
  }],
];

for (const [type, path, schema, provoke] of messages) {
  Deno.test(`the relay sends ${type} on ${path.split("?")[0]}, with the protocol's fields and no others`, async () => {
    await using served = await serveRelay({ limits: { faultRepeatMs: 50 } });
    await using agent = await ScriptedAgent.start(served.host);
    agent.read(...readingsFrom(1, 3));
    await agent.acknowledged();
    await using client = connect(served, path);
    assert.equal(await client.opened, true);
    await provoke({ served, agent, client });
    const { ...message } = await client.next(type);
    // The test's own mark on evented messages.
    if (path === "/ws/updates") Reflect.deleteProperty(message, "type");
    schema.parse(message);
  });
}

const wrongMessages: [path: string, message: unknown][] = [
  ...[
    "/api/v1/ws/v2/power",
    "/api/v1/ws/v2/health",
    "/api/v1/ws/v2/sweep/progress",
    "/ws",
    "/ws/updates",
    agentPath,
  ].flatMap(
    (path): [string, unknown][] =>
      ["", "{", "[]", "1", "null", '"ping"', "{}", { type: "nothing" }, { type: "ping", more: 1 }]
        .map((message) => [path, message]),
  ),
  [agentPath, { ...hello, station: "Bench 2" }],
  [agentPath, { ...hello, boot: "x" }],
  [agentPath, { ...hello, modules: [21] }],
  [agentPath, { ...hello, modules: [] }],
  [agentPath, { type: "readings", boot: "boot0002", first: 0, items: [readingAt(1)] }],
  [agentPath, { type: "readings", boot: "boot0002", first: 1, items: [] }],
  [agentPath, { type: "readings", boot: "boot0002", first: 1, items: [{ ...readingAt(1), unit: "W" }] }],
  [agentPath, {
    type: "readings",
    boot: "boot0002",
    first: 1,
    items: [{ ...readingAt(1), cursor: "abcdefgh-1" }],
  }],
  [agentPath, { type: "fault", source: "relay", message: "", recoverable: true }],
];

Deno.test("every wrong message is answered with bad_message, and closes nothing", async () => {
  await using served = await serveRelay({ limits: { messagesPerWindow: 1000 } });
  for (const path of new Set(wrongMessages.map(([path]) => path))) {
    await using client = connect(served, path);
    await client.opened;
    const isBad = (message: unknown) => JSON.stringify(message).includes('"code":"bad_message"');
    for (const [index, [, message]] of wrongMessages.filter(([other]) => other === path).entries()) {
      client.send(message);
      await until(
        `bad_message ${index + 1} for ${JSON.stringify(message)} on ${path}`,
        () => client.messages.filter(isBad).length === index + 1,
        { timeoutMs: 3000, everyMs: 2 },
      );
    }
    assert.equal(client.closed, null);
  }
});

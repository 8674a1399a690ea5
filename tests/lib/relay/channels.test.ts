import assert from "node:assert/strict";
import { z } from "zod";
import { subscribed } from "../../../lib/protocol/mod.ts";
import {
  agentToken,
  Client,
  openUpdates,
  openWs,
  ScriptedAgent,
  type ServedRelay,
  serveRelay,
} from "./support.ts";
import { readingAt } from "../../support/reading.ts";
import { until } from "../../support/until.ts";

const anyMessage = z.looseObject({ type: z.string() });

async function post(
  served: ServedRelay,
  channel: string,
  body: unknown,
  token = agentToken,
): Promise<Response> {
  return await fetch(`http://${served.host}/api/v1/events/${channel}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

async function status(response: Promise<Response>): Promise<number> {
  const { status, body } = await response;
  await body?.cancel();
  return status;
}

const sampleOf = (id: number) => ({
  type: "sample",
  payload: {
    sample_id: 123,
    characteristic_id: id,
    timestamp: "2026-02-02T12:00:00Z",
    value: 10.5,
    zone: "zone_c_upper",
    in_control: true,
  },
});

Deno.test("document 004's client gets samples of the characteristics that it subscribed to, and of no other", async () => {
  await using served = await serveRelay();
  await using client = openWs(served);
  await client.opened;
  client.send({ type: "subscribe", characteristic_ids: [1, 2, 3] });
  const confirmed = subscribed.parse(await client.next("subscribed"));
  assert.deepEqual(confirmed, { type: "subscribed", characteristic_ids: [1, 2, 3] });
  assert.equal(await status(post(served, "characteristic/4", sampleOf(4))), 202);
  assert.equal(await status(post(served, "characteristic/1", sampleOf(1))), 202);
  const violation = {
    violation_id: 456,
    characteristic_id: 2,
    sample_id: 123,
    rule_id: 1,
    rule_name: "One point beyond 3 sigma",
    severity: "CRITICAL",
  };
  await status(post(served, "characteristic/2", { type: "violation", payload: violation }));
  assert.deepEqual(await client.next("violation"), { type: "violation", payload: violation });
  assert.deepEqual(client.of("sample"), [sampleOf(1)]);
  client.send({ type: "unsubscribe", characteristic_ids: [1] });
  await client.next("unsubscribed");
  await status(post(served, "characteristic/1", sampleOf(1)));
  client.send({ type: "ping" });
  await client.next("pong");
  assert.equal(client.of("sample").length, 1);
});

Deno.test("document 002's client gets events and metrics without asking, and pongs", async () => {
  await using served = await serveRelay();
  await using client = openWs(served);
  await client.opened;
  client.send({ type: "ping", timestamp: "2025-11-14T17:30:00Z" });
  const pong = await client.next("pong");
  assert.match(String(pong["timestamp"]), /^\d{4}-.*Z$/);
  const data = { id: "evt_123", status: "delivered", delivery_latency_ms: 150 };
  await status(post(served, "events", { type: "event_update", data }));
  assert.deepEqual((await client.next("event_update"))["data"], data);
  await status(post(served, "metrics", { data: { total_events: 1250, pending_events: 5 } }));
  await until(
    "the published metrics",
    () =>
      client.of("metrics_update").some((message) =>
        z.looseObject({ total_events: z.number() }).safeParse(message["data"]).success
      ),
  );
});

Deno.test("document 003's frames work on /ws/updates", async () => {
  await using served = await serveRelay();
  await using client = openUpdates(served);
  await client.next("connected");
  client.send({ event: "ping", data: {}, timestamp: "2025-10-25T08:45:00.000Z" });
  assert.deepEqual((await client.next("pong")).data, {});
  const health = await client.next("services:health");
  assert.deepEqual(Object.keys(health.data), ["relay", "history", "agent", "instrument"]);
  assert.deepEqual(health.data["relay"], { status: "healthy" });
  client.send({
    event: "subscribe",
    data: { channels: ["localizations:updated", "power/4"] },
    timestamp: "now",
  });
  assert.deepEqual((await client.next("subscribed")).data, {
    channels: ["localizations:updated", "power/4"],
  });
  const data = { latitude: 45.06, longitude: 7.66, uncertainty_m: 25.3, confidence: 0.85 };
  await status(post(served, "localizations:updated", { data }));
  assert.deepEqual((await client.next("localizations:updated")).data, data);
  await using agent = await ScriptedAgent.start(served.host);
  agent.read(readingAt(1000));
  const reading = await client.next("power/4");
  assert.equal(reading.data["ch1_power"], -17.85);
  assert.equal(reading.timestamp, "1970-01-01T00:16:40.000Z");
});

Deno.test("stations:status follows the agents", async () => {
  await using served = await serveRelay({ limits: { faultRepeatMs: 20 } });
  await using client = openUpdates(served);
  await client.opened;
  const agent = await ScriptedAgent.start(served.host);
  const last = () => client.of("stations:status").at(-1)?.data["bench-1"];
  await until("online", () => JSON.stringify(last()).includes('"online"'));
  await agent[Symbol.asyncDispose]();
  await until("offline", () => JSON.stringify(last()).includes('"offline"'));
});

Deno.test("publishing needs the agent's token, a channel that exists, and a message that fits it", async () => {
  await using served = await serveRelay();
  assert.equal(
    await status(post(served, "events", { type: "event_created", data: { id: 1 } }, "another-token-0001")),
    401,
  );
  assert.equal(await status(post(served, "power/4", { data: {} })), 404);
  assert.equal(await status(post(served, "nothing", { data: {} })), 404);
  assert.equal(await status(post(served, "%E0%A4%A", { data: {} })), 404);
  assert.equal(await status(post(served, "events", { type: "event_created", data: { id: 1 } })), 202);
  for (
    const [channel, body] of [
      ["events", { type: "event_exploded", data: { id: 1 } }],
      ["events", { type: "event_created", data: {} }],
      ["events", "{"],
      ["events", "[]"],
      ["characteristic/7", sampleOf(8)],
      ["metrics", { data: { total: "many" } }],
      ["sweep", { data: { state: "running" } }],
      ["who:what", { type: "who:else", data: {} }],
    ] as const
  ) assert.equal(await status(post(served, channel, body)), 422, `${channel} ${JSON.stringify(body)}`);
  assert.equal(await status(post(served, "who:what", { data: { long: "x".repeat(17_000) } })), 413);
  const foreign = fetch(`http://${served.host}/api/v1/events/events`, {
    method: "POST",
    headers: { origin: "https://evil.example", authorization: `Bearer ${agentToken}` },
    body: "{}",
  });
  assert.equal(await status(foreign), 403);
});

Deno.test("the sweep's socket says the state on opening, and follows it", async () => {
  await using served = await serveRelay();
  await using early = new Client(`ws://${served.host}/api/v1/ws/v2/sweep/progress`, anyMessage);
  const idle = { state: "idle", wavelength_nm: null, percent: 0, started_at: null, eta_s: null };
  assert.deepEqual((await early.next("sweep_progress"))["data"], idle);
  const running = { ...idle, state: "running", wavelength_nm: 1530.5, percent: 12.5, eta_s: 3.5 };
  assert.equal(await status(post(served, "sweep", { data: running })), 202);
  assert.deepEqual((await early.next("sweep_progress", 2))["data"], running);
  await using late = new Client(`ws://${served.host}/api/v1/ws/v2/sweep/progress`, anyMessage);
  assert.deepEqual((await late.next("sweep_progress"))["data"], running);
});

Deno.test("document 003's client, which never subscribes, gets every event that the document names", async () => {
  await using served = await serveRelay();
  await using client = openUpdates(served);
  await client.next("connected");
  for (const channel of ["signals:detected", "localizations:updated"]) {
    assert.equal(await status(post(served, channel, { data: { latitude: 45.0642 } })), 202);
    assert.deepEqual((await client.next(channel)).data, { latitude: 45.0642 });
  }
});

Deno.test("what others say of the relay's own state is passed on and does not stay, and of lasers it is refused", async () => {
  await using served = await serveRelay();
  await using before = openUpdates(served);
  await before.next("services:health");
  const spoofed = { data: { relay: { status: "unhealthy", detail: "spoofed" } } };
  assert.equal(await status(post(served, "services:health", spoofed)), 202);
  assert.deepEqual((await before.next("services:health", 2)).data, spoofed.data);
  await using after = openUpdates(served);
  assert.notDeepEqual((await after.next("services:health")).data, spoofed.data);
  assert.equal(await status(post(served, "lasers", { data: { words: "" } })), 403);
});

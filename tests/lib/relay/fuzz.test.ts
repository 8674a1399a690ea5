// Random and mutated frames and queries: every one is answered as protocol.md says, and the relay goes on. How many is
// set by FUZZ_RUNS (default: few enough for every run of the tests).

import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { problem, relayMessage, subscribed, update, uplinkMessage } from "../../../lib/protocol/mod.ts";
import { until } from "../../support/until.ts";
import { agentToken, Client, serveRelay } from "./support.ts";
import { readingAt } from "../../support/reading.ts";

const runs = Number(Deno.env.get("FUZZ_RUNS") ?? 2000);
const seed = 20261120;
const batchSize = 200;

const goodFrames = [
  '{"type":"ping"}',
  '{"type":"ping","timestamp":"2025-11-14T17:30:00Z"}',
  '{"type":"subscribe","channels":["power/4","events"],"interval":0.1}',
  '{"type":"subscribe","characteristic_ids":[1,2,3]}',
  '{"type":"unsubscribe","channels":["events"]}',
  '{"event":"ping","data":{},"timestamp":"now"}',
  '{"event":"subscribe","data":{"channels":["services:health"]}}',
  '{"type":"hello","station":"bench-1","boot":"boot0001","identity":null,"modules":[4]}',
  JSON.stringify({ type: "readings", boot: "boot0001", first: 1, items: [readingAt(1)] }),
  '{"type":"fault","source":"instrument","message":"no answer","recoverable":true}',
  '{"type":"result","id":"1","ok":true,"value":null}',
  "ping",
];

/** A good frame with a part of it replaced, doubled or cut out. */
const mutated = fc.tuple(
  fc.constantFrom(...goodFrames),
  fc.nat(200),
  fc.nat(20),
  fc.string({ unit: "binary", maxLength: 8 }),
)
  .map(([frame, at, length, other]) => frame.slice(0, at) + other + frame.slice(at + length));

const frame = fc.oneof(
  mutated,
  fc.constantFrom(...goodFrames),
  fc.json(),
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.record({
    type: fc.constantFrom("ping", "subscribe", "hello", "readings", "__proto__"),
    channels: fc.anything(),
  })
    .map((value) => JSON.stringify(value, (_, inner) => typeof inner === "bigint" ? String(inner) : inner)),
);

const anyUpdate = update.transform((message) => ({ type: message.event, ...message }));
const anyAnswer = z.union([relayMessage, subscribed, z.looseObject({ type: z.enum(["metrics_update"]) })]);

const endpoints: [path: string, schema: z.ZodType<{ type: string }>][] = [
  ["/api/v1/ws/v2/power", relayMessage],
  ["/api/v1/ws/v2/health", relayMessage],
  ["/ws", anyAnswer],
  ["/ws/updates", anyUpdate],
  ["/api/v1/agent?station=bench-1", uplinkMessage],
];

for (const [path, schema] of endpoints) {
  Deno.test(`random and mutated frames on ${path} are each answered, and harm nobody`, async () => {
    await using served = await serveRelay({
      limits: { messagesPerWindow: Infinity, heartbeatMs: 600_000, faultRepeatMs: 600_000 },
    });
    const frames = fc.sample(frame, { numRuns: Math.ceil(runs / endpoints.length), seed });
    for (let at = 0; at < frames.length; at += batchSize) {
      await using client = new Client(`ws://${served.host}${path}`, schema, {
        authorization: `Bearer ${agentToken}`,
      });
      assert.equal(await client.opened, true);
      for (const text of frames.slice(at, at + batchSize)) client.send(text);
      // The agent's endpoint pongs only once hello was said; an error answers as well.
      const before = client.messages.length;
      client.send(path === "/ws/updates" ? '{"event":"ping"}' : '{"type":"ping"}');
      await until(
        "an answer to the last ping",
        () => client.messages.slice(before).some(({ type }) => type === "pong" || type === "error"),
      );
      assert.equal(client.closed, null);
    }
    const failures = served.log.lines.filter(({ level }) => level === "error");
    assert.deepEqual(failures, []);
  });
}

const parameter = fc.tuple(
  fc.constantFrom("module", "interval", "since", "limit", "wait", "token", "__proto__", "x"),
  fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.double().map(String),
    fc.integer().map(String),
    fc.constantFrom("4", "0.1", "abcdefgh-1"),
  ),
);

Deno.test("random queries get readings, an upgrade to make, or a problem that names what is wrong", async () => {
  await using served = await serveRelay();
  const queries = fc.sample(
    fc.tuple(
      fc.constantFrom(
        "/api/v1/readings",
        "/api/v1/detector/snapshot",
        "/api/v1/ws/v2/power",
        "/api/v1/agent",
        "/metrics",
      ),
      fc.array(parameter, { maxLength: 4 }),
    ),
    { numRuns: Math.ceil(runs / 4), seed },
  );
  for (const [path, parameters] of queries) {
    // A poll that waits is answered late, and is none the worse for it.
    const query = new URLSearchParams(
      parameters.filter(([name]) => name !== "wait").map(([name, value]) => [name, value.toWellFormed()]),
    );
    const response = await fetch(`http://${served.host}${path}?${query}`);
    assert.ok([200, 400, 401, 426, 503].includes(response.status), `${response.status} for ${path}?${query}`);
    const body = await response.text();
    if (response.status === 200) continue;
    const { errors, status } = problem.parse(JSON.parse(body));
    assert.equal(status, response.status);
    assert.equal(response.status === 400, (errors ?? []).length > 0);
  }
  assert.deepEqual(served.log.lines.filter(({ level }) => level === "error"), []);
});

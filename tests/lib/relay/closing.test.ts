// Every code that protocol.md has a socket closed with.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { z } from "zod";
import { closeCode } from "../../../lib/protocol/mod.ts";
import { until } from "../../support/until.ts";
import { agentToken, Client, ScriptedAgent, type ServedRelay, serveRelay, view } from "./support.ts";
import { readingAt } from "../../support/reading.ts";

const anyMessage = z.looseObject({ type: z.string() });

/** As a page of the relay's own host: it opens, and learns from the code what is wrong. */
const connect = (served: ServedRelay, path: string): Client<{ type: string }> =>
  new Client(`ws://${served.host}${path}`, anyMessage, {
    origin: `http://${served.host}`,
    ...(path === agentPath ? { authorization: `Bearer ${agentToken}` } : {}),
  });

interface Scene {
  readonly served: ServedRelay;
  readonly agent: ScriptedAgent;
  readonly client: Client<{ type: string }>;
}

const power = "/api/v1/ws/v2/power?interval=0.01";
const agentPath = "/api/v1/agent?station=bench-2";
const hello = { type: "hello", station: "bench-2", boot: "boot0002", identity: null, modules: [5] };
const nothing = () => {};

const viewerSecret = "a-viewer-secret-of-32-characters!";
const tokenOf = (role: string) => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "HS256" })}.${part({ role, exp: Date.now() / 1000 + 3600 })}`;
  return `${signed}.${createHmac("sha256", viewerSecret).update(signed).digest("base64url")}`;
};
let failing = false;

const endings: [
  code: number,
  what: string,
  path: string,
  options: Parameters<typeof serveRelay>[0],
  provoke: (scene: Scene) => unknown,
][] = [
  [closeCode.goingAway, "the relay closes", power, {}, ({ served }) => served.relay.close()],
  [closeCode.restart, "it drains", power, {}, ({ served }) => served.relay.drain("test")],
  [closeCode.policy, "too many messages", power, { limits: { messagesPerWindow: 3 } }, ({ client }) => {
    for (let i = 0; i < 4; i++) client.send({ type: "ping" });
  }],
  [
    closeCode.tooBig,
    "a message over the limit",
    "/ws",
    { limits: { messageLength: 1000 } },
    ({ client }) => client.send("x".repeat(1001)),
  ],
  [
    closeCode.policy,
    "another agent speaks for its station",
    agentPath,
    {},
    async ({ served, client }) => {
      client.send(hello);
      await client.next("welcome");
      await using other = connect(served, agentPath);
      await other.opened;
      other.send({ ...hello, boot: "boot0003" });
      await other.next("welcome");
    },
  ],
  [closeCode.failure, "its handler throws", power, {
    limits: { faultRepeatMs: 600_000, heartbeatMs: 600_000 },
    now: () => {
      if (!failing) return Date.now();
      failing = false;
      throw new Error("the test's");
    },
  }, async ({ client }) => {
    // The relay's timers look at the clock as well.
    await until("1011", () => {
      if (client.closed) return true;
      failing = true;
      client.send({ type: "ping" });
      return false;
    });
    failing = false;
  }],
  [closeCode.unauthenticated, "it brings no token", power, { viewerSecret }, nothing],
  [closeCode.forbidden, "its role may not look", `${power}&token=${tokenOf("guest")}`, {
    viewerSecret,
  }, nothing],
  // A queue that is too long from the start.
  [closeCode.tooSlow, "it stays behind", power, {
    limits: { conflateBytes: -1, tooSlowMs: 0, faultRepeatMs: 20 },
  }, ({ agent }) => agent.read(readingAt(1))],
  [
    closeCode.tooBig,
    "an agent's message over the limit",
    agentPath,
    {},
    ({ client }) => client.send("x".repeat(16_385)),
  ],
];

for (const [code, what, path, options, provoke] of endings) {
  Deno.test(`a socket is closed with ${code}: ${what}`, async () => {
    await using served = await serveRelay(options);
    await using client = connect(served, path);
    await client.opened;
    await using agent = await ScriptedAgent.start(served.host);
    await provoke({ served, agent, client });
    assert.equal((await client.end()).code, code);
  });
}

Deno.test("viewers hear of a restart alone, and not that the agent has gone, which is told to come back too", async () => {
  await using served = await serveRelay();
  await using agent = await ScriptedAgent.start(served.host);
  await using viewer = view(served.host, "power");
  await viewer.opened;
  await served.relay.drain("test");
  assert.equal((await viewer.end()).code, closeCode.restart);
  assert.equal((await agent.end()).code, closeCode.restart);
  assert.equal(viewer.of("reconnect").length, 1);
  assert.deepEqual(viewer.of("error"), []);
});

Deno.test("a viewer whose upgrade was answered just before the drain is closed as all others are", async () => {
  await using served = await serveRelay();
  const { relay } = served;
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request, info) => {
      const response = await relay.fetch(request, info);
      relay.drain("test");
      return response;
    },
  );
  await using viewer = new Client(`ws://127.0.0.1:${server.addr.port}${power}`, anyMessage);
  assert.equal((await viewer.end()).code, closeCode.restart);
});

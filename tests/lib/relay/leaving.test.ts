// Nothing stays of a viewer that has gone, or that was not let in.

import assert from "node:assert/strict";
import { readingsPage } from "../../../lib/protocol/mod.ts";
import { until } from "../../support/until.ts";
import { rawSocket } from "./raw.ts";
import { Client, ScriptedAgent, serveRelay, view } from "./support.ts";
import { readingsFrom } from "../../support/reading.ts";
import { z } from "zod";

const anyMessage = z.looseObject({ type: z.string() });

Deno.test("a viewer that is closed while it subscribes leaves no subscription behind", async () => {
  const limits = { messagesPerWindow: 10_000, tooSlowBytes: 64 * 1024 };
  await using served = await serveRelay({ limits });
  await using agent = await ScriptedAgent.start(served.host);
  for (let i = 0; i < 40; i++) agent.read(...readingsFrom(1 + i * 5, 50));
  await agent.acknowledged();
  const others = Array.from({ length: 200 }, (_, index) => `other:channel${index}`);
  const subscribe = JSON.stringify({
    type: "subscribe",
    channels: ["power/4", ...others],
    since: `${served.relay.history().epoch}-0`,
  });
  const text = new TextEncoder().encode(subscribe);
  const header = [0x81, 0x80 | 126, text.length >> 8, text.length & 255, 0, 0, 0, 0];
  const frame = new Uint8Array([...header, ...text]);
  const connection = await rawSocket(served.host, "/ws");
  await until("the socket", () => served.relay.activeStreams() === 1);
  // It never reads: sooner or later an answer finds its queue too long.
  for (let sent = 0; sent < 5000 && served.relay.activeStreams() === 1; sent++) {
    for (let at = 0; at < frame.length;) at += await connection.write(frame.subarray(at));
    await (await fetch(`http://${served.host}/health`)).body?.cancel();
  }
  assert.equal(served.relay.activeStreams(), 0, "nothing has closed it");
  connection.close();
  await until("its end", () => served.relay.activeStreams() === 0);
  const nobody = others.reduce(
    (sum, channel) =>
      sum + served.relay.publish(channel, {
        type: `${channel}` as `${string}:${string}`,
        data: {},
        timestamp: "2026-01-01T00:00:00Z",
      }),
    0,
  );
  assert.equal(nobody, 0);
});

Deno.test("pages without a token count among the sockets of their address until they have gone", async () => {
  await using served = await serveRelay({ viewerSecret: "v".repeat(32), limits: { maxPerAddress: 2 } });
  const origin = `http://${served.host}`;
  const sockets = [];
  for (let i = 0; i < 2; i++) sockets.push(await rawSocket(served.host, "/ws", { origin }));
  await using third = new Client(`ws://${served.host}/ws`, anyMessage, { origin });
  assert.equal(await third.opened, false);
  for (const socket of sockets) socket.close();
  await until("room", async () => {
    await using next = new Client(`ws://${served.host}/ws`, anyMessage, { origin });
    return (await next.opened) && (await next.end()).code === 4401;
  });
});

Deno.test("a socket that vanishes counts as 1006, and a code of the viewer's own choosing as other", async () => {
  await using served = await serveRelay();
  const vanishing = await rawSocket(served.host, "/ws");
  await until("the socket", () => served.relay.activeStreams() === 1);
  vanishing.close();
  for (const code of [3000, 3001, 4999]) {
    await using viewer = view(served.host, "power");
    await viewer.opened;
    viewer.socket.close(code);
  }
  const metrics = await until("the counters", async () => {
    const text = await (await fetch(`http://${served.host}/metrics`)).text();
    return /closed_total\{endpoint="power",code="other"\} 3/.test(text) && text;
  });
  assert.match(metrics, /closed_total\{endpoint="ws",code="1006"\} 1/);
  assert.doesNotMatch(metrics, /code="(0|3\d\d\d|4999)"/);
});

Deno.test("a poll is answered at once where its address holds as much open as it may", async () => {
  await using served = await serveRelay({ limits: { maxPerAddress: 1 } });
  await using viewer = view(served.host, "power");
  await viewer.opened;
  const answer = await fetch(`http://${served.host}/api/v1/readings?wait=30`, {
    signal: AbortSignal.timeout(10_000),
  });
  assert.deepEqual(readingsPage.parse(await answer.json()).readings, []);
  const metrics = await (await fetch(`http://${served.host}/metrics`)).text();
  assert.match(metrics, /^lightline_connections_refused_total\{reason="max_per_address"\} 1$/m);
});

Deno.test("a held poll whose client goes away gives its place to another", async () => {
  await using served = await serveRelay({ limits: { maxPerAddress: 1 } });
  const path = "/api/v1/readings?wait=30";
  const leaving = new AbortController();
  const held = assert.rejects(fetch(`http://${served.host}${path}`, { signal: leaving.signal }));
  const admitted = async () => {
    await using viewer = view(served.host, "health");
    return await viewer.opened;
  };
  await until("the poll", () => served.requested.includes(path));
  assert.equal(await admitted(), false);
  leaving.abort();
  await held;
  await until("its place", admitted);
});

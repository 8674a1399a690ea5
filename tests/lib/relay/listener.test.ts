// Requests on our own listener: what of HTTP it answers by itself, and how much of it.

import assert from "node:assert/strict";
import { z } from "zod";
import { listen } from "../../../lib/relay/mod.ts";
import { until } from "../../support/until.ts";
import { startChild } from "./child.ts";
import { exchange, rawRequest } from "./raw.ts";
import { agentToken, keptLog, ScriptedAgent, serveRelay } from "./support.ts";
import { readingsFrom } from "../../support/reading.ts";

Deno.test("requests may be sent before the answers are there, but not without end", async () => {
  await using served = await serveRelay();
  const request = `GET /health HTTP/1.1\r\nHost: ${served.host}\r\n\r\n`;
  const [hostname = "", port] = served.host.split(":");
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const buffer = new Uint8Array(1 << 16);
  let text = "";
  const answers = () => text.split("HTTP/1.1 200 OK").length - 1;
  const read = async () => {
    const length = await connection.read(buffer);
    text += new TextDecoder().decode(buffer.subarray(0, length ?? 0));
    return length !== null;
  };
  for (let round = 1; round <= 20; round++) {
    await connection.write(new TextEncoder().encode(request.repeat(5)));
    while (answers() < 5 * round) assert.ok(await read(), "the connection stays open");
  }
  // Of so much more than it can keep nothing is read.
  const polls = request.replace("/health", "/api/v1/openapi.json").repeat(50);
  const before = served.requested.length;
  await connection.write(new TextEncoder().encode(polls));
  await until("the end", async () => !await read().catch(() => false));
  assert.ok(served.requested.length - before <= 8, `${served.requested.length - before} requests`);
});

Deno.test("an address that does not read its answers gets few, on however many connections, and then again", async () => {
  await using served = await serveRelay({ limits: { maxPerAddress: 5 } });
  await using agent = await ScriptedAgent.start(served.host);
  for (let i = 0; i < 100; i++) agent.read(...readingsFrom(1 + i * 5, 50));
  await agent.acknowledged();
  const [hostname = "", port] = served.host.split(":");
  const poll = `GET /api/v1/readings?limit=5000 HTTP/1.1\r\nHost: ${served.host}\r\n\r\n`;
  const status = async () => {
    const { status, body } = await fetch(`http://${served.host}/health`);
    await body?.cancel();
    return status;
  };
  const connections: Deno.TcpConn[] = [];
  try {
    await until("too many", async () => {
      const connection = await Deno.connect({ hostname, port: Number(port) });
      connections.push(connection);
      await connection.write(new TextEncoder().encode(poll.repeat(8)));
      return await status() === 503;
    }, { everyMs: 1 });
    assert.ok(connections.length <= 20, `${connections.length} connections`);
  } finally {
    for (const connection of connections) connection.close();
  }
  await until("an answer", async () => await status() === 200);
});

Deno.test("a relay that had no file descriptor left accepts connections again", async () => {
  await using child = await startChild(":memory:", 0, { files: 90 });
  const [hostname = "", port] = child.host.split(":");
  const alive = async () =>
    await (await fetch(`http://${child.host}/health`, { signal: AbortSignal.timeout(500) })).text();
  const idle = [];
  for (let i = 0; i < 200; i++) idle.push(await Deno.connect({ hostname, port: Number(port) }));
  for (const connection of idle) connection.close();
  await until("an answer", alive, { timeoutMs: 20_000 });
});

Deno.test("a relay that was held up for seconds, again and again, does not take its listener for dead", async () => {
  const log = keptLog();
  const listener = await listen(() => new Response("here"), { host: "127.0.0.1", port: 0 }, log);
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (let turn = 0; turn < 5; turn++) {
    Atomics.wait(never, 0, 0, 2100);
    await new Promise((resolve) => setTimeout(resolve));
  }
  assert.deepEqual(log.lines, []);
  const answer = await fetch(`http://127.0.0.1:${listener.address.port}/`);
  assert.equal(await answer.text(), "here");
  await listener.close();
});

Deno.test("another protocol than WebSocket is not offered: the request is answered as one without it", async () => {
  await using served = await serveRelay();
  const headers = { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "" };
  assert.match(await rawRequest(served.host, "/health", headers), /^HTTP\/1\.1 200 /);
});

Deno.test("what is worth it is compressed for whoever asks for that, and nothing else", async () => {
  await using served = await serveRelay();
  const response = await fetch(`http://${served.host}/api/v1/openapi.json`);
  assert.match(response.headers.get("vary") ?? "", /Accept-Encoding/);
  assert.equal(z.object({ openapi: z.string() }).parse(await response.json()).openapi, "3.1.0");
  const asking = { "accept-encoding": "gzip" };
  assert.match(await rawRequest(served.host, "/api/v1/openapi.json", asking), /content-encoding: gzip/i);
  for (const path of ["/health", "/api/v1/readings", "/api/v1/nothing"]) {
    assert.doesNotMatch(await rawRequest(served.host, path, asking), /content-encoding|chunked/i);
  }
});

Deno.test("a body comes through whole in whatever form it is sent, also none", async () => {
  await using served = await serveRelay();
  const post = { method: "POST", headers: { authorization: `Bearer ${agentToken}` } };
  const url = `http://${served.host}/api/v1/events/who:what`;
  const event = JSON.stringify({ type: "who:what", data: {}, timestamp: "2026-01-01T00:00:00Z" });
  const chunked = new Response(event).body;
  for (
    const [body, status] of [[event, 202], [chunked, 202], ["", 422], ["x".repeat(100_000), 413]] as const
  ) {
    const answer = await fetch(url, { ...post, body });
    assert.equal(answer.status, status, await answer.text());
  }
  const bare = "POST /api/v1/events/who:what HTTP/1.0\r\n\r\n";
  assert.match(new TextDecoder().decode(await exchange(served.host, bare)), /^HTTP\/1\.1 401 /);
});

Deno.test("a request of HTTP/1.0 that names no host is answered", async () => {
  await using served = await serveRelay();
  const answer = await exchange(served.host, "GET /health HTTP/1.0\r\n\r\n");
  assert.match(new TextDecoder().decode(answer), /^HTTP\/1\.1 200 /);
});

Deno.test("an address of IPv6 may stand in brackets", async () => {
  const listener = await listen(() => new Response("yes"), { host: "[::1]", port: 0 }, keptLog());
  assert.equal(await (await fetch(`http://[::1]:${listener.address.port}`)).text(), "yes");
  await listener.close();
});

// Sockets byte by byte, on our own listener; and the same relay where the host listens.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createServer, type Socket } from "node:net";
import { setImmediate } from "node:timers";
import { z } from "zod";
import { createRelay, listen } from "../../../lib/relay/mod.ts";
import { Encoded } from "../../../lib/relay/wire/carrier.ts";
import { NetCarrier } from "../../../lib/relay/wire/net_carrier.ts";
import { until } from "../../support/until.ts";
import { startChild } from "./child.ts";
import {
  agentToken,
  Client,
  frame,
  handshake,
  keptLog,
  rawRequest,
  rawSocket,
  readingAt,
  readingsFrom,
  ScriptedAgent,
  serveRelay,
  view,
} from "./support.ts";

const closeOf = (code: number, length = 2) => String.fromCharCode(0x88, length, code >> 8, code & 255);

/** What a connection still brings before the other end closes it. */
async function rest(connection: Deno.TcpConn): Promise<Uint8Array> {
  return new Uint8Array(await new Response(connection.readable).arrayBuffer());
}

/** The bytes behind the answer to a handshake, each as the character of its number. */
function behindHead(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("latin1");
  return text.slice(text.indexOf("\r\n\r\n") + 4);
}

/** A carrier, and the other end of its connection. */
async function carried(test: (carrier: NetCarrier, peer: Deno.TcpConn, socket: Socket) => Promise<void>) {
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer(accepted.resolve);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const peer = await Deno.connect({ hostname: "127.0.0.1", port });
  const socket = await accepted.promise;
  const options = { protocol: null, messageLength: 100, idleMs: 90_000 };
  try {
    await test(new NetCarrier(socket, options, performance.now()), peer, socket);
  } finally {
    socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Everything that comes back for these bytes, until the other end closes. */
async function exchange(host: string, sent: string | Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const [hostname = "", port] = host.split(":");
  const connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(typeof sent === "string" ? new TextEncoder().encode(sent) : sent);
  return await rest(connection);
}

const health = "/api/v1/ws/v2/health";

Deno.test("a message that is too long is refused before it has come", async () => {
  await using served = await serveRelay();
  const connection = await rawSocket(served.host, health);
  await connection.write(frame(0x81, "", 20_000_000));
  const text = behindHead(await rest(connection));
  assert.ok(text.endsWith(`${closeOf(1009, 28)}a message over 16384 bytes`), text);
  await until("its end", () => served.relay.activeStreams() === 0);
});

Deno.test("a peer that breaks the protocol is closed with 1002 or 1007, and nobody else", async () => {
  await using served = await serveRelay();
  await using other = view(served.host, "health");
  await other.next("heartbeat");
  for (
    const [bytes, code] of [[frame(0x83, ""), 1002], [frame(0x81, new Uint8Array([0xff])), 1007]] as const
  ) {
    const connection = await rawSocket(served.host, health);
    await connection.write(bytes);
    const text = behindHead(await rest(connection));
    assert.ok(text.includes(String.fromCharCode(code >> 8, code & 255)), text);
  }
  other.send("ping");
  await other.next("pong");
});

Deno.test("what comes in one piece with the handshake is heard, and a ping's payload comes back", async () => {
  await using served = await serveRelay();
  const frames = [frame(0x81, "ping"), frame(0x89, "yes"), frame(0x88, new Uint8Array([3, 232]))];
  const head = new TextEncoder().encode(handshake(served.host, health));
  const sent = new Uint8Array([...head, ...frames.flatMap((bytes) => [...bytes])]);
  const text = behindHead(await exchange(served.host, sent));
  assert.match(text, /"type":"heartbeat".*"type":"pong"/);
  assert.ok(text.endsWith(`\x8a\x03yes${closeOf(1000)}`), text);
});

Deno.test("a peer that gives no sign of life is closed, one that answers pings stays", async () => {
  await using served = await serveRelay({ limits: { idleMs: 3000 } });
  await using alive = view(served.host, "health");
  await alive.next("heartbeat");
  const dead = await rawSocket(served.host, health);
  await until("the socket", () => served.relay.activeStreams() === 2);
  const behind = behindHead(await rest(dead));
  assert.ok(behind.includes("\x89\x00"), behind);
  assert.ok(behind.endsWith(`${closeOf(1001, 32)}nothing was heard for too long`), behind);
  assert.equal(served.relay.activeStreams(), 1);
  assert.equal(alive.closed, null);
});

Deno.test("a peer that does not answer a close is dropped after half a minute", () =>
  carried(async (carrier, peer, socket) => {
    const bytes = new Uint8Array(8);
    carrier.close(1001, "");
    assert.equal(
      Buffer.from(bytes.subarray(0, await peer.read(bytes) ?? 0)).toString("latin1"),
      closeOf(1001),
    );
    carrier.watch(performance.now() + 29_000);
    assert.equal(socket.destroyed, false);
    carrier.watch(performance.now() + 31_000);
    assert.equal(socket.destroyed, true);
    peer.close();
  }));

Deno.test("a peer that closes, reads nothing and goes on sending is dropped as well", () =>
  carried(async (carrier, peer, socket) => {
    const long = new Encoded("x".repeat(100_000));
    while (carrier.queuedBytes === 0) {
      carrier.send(long);
      await new Promise((resolve) => setImmediate(resolve));
    }
    carrier.take(frame(0x88, new Uint8Array([3, 232])));
    carrier.take(new Uint8Array([0]));
    assert.equal(socket.destroyed, false);
    carrier.watch(performance.now() + 31_000);
    assert.equal(socket.destroyed, true);
    peer.close();
  }));

Deno.test("nothing is written to a connection that is lost, before its end is told as after it", () =>
  carried(async (carrier, peer, socket) => {
    // Node makes an error with its stack of every such write: two thousand viewers lost at once held up the relay.
    let writes = 0;
    Object.assign(socket, { write: () => writes += 1 });
    carrier.send(new Encoded("kept"));
    assert.equal(writes, 1);
    socket.on("error", () => {}).destroy(new Error("reset"));
    carrier.send(new Encoded("lost"));
    await new Promise((resolve) => socket.once("close", resolve));
    carrier.send(new Encoded("lost"));
    assert.equal(writes, 1);
    peer.close();
  }));

Deno.test("pings of a peer that reads nothing are not answered without end", () =>
  carried(async (carrier, peer) => {
    const pings = new Uint8Array(Array.from({ length: 30 }, () => [...frame(0x89, "x".repeat(125))]).flat());
    for (let full = 0; full < 100;) {
      carrier.take(pings);
      await new Promise((resolve) => setImmediate(resolve));
      if (carrier.queuedBytes > 0) full += 1;
    }
    assert.ok(carrier.queuedBytes < 70_000, `${carrier.queuedBytes} bytes`);
    peer.close();
  }));

Deno.test("a refused upgrade is answered, and its connection ends", async () => {
  await using served = await serveRelay();
  const connection = await rawSocket(served.host, "/ws", { origin: "http://elsewhere.example" });
  const text = new TextDecoder().decode(await rest(connection));
  assert.match(text, /^HTTP\/1\.1 403 [^]*connection: close[^]*This origin may not connect/i);
});

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

Deno.test("an upgrade behind a request that is not answered yet ends the connection, and holds nothing", async () => {
  await using served = await serveRelay();
  await exchange(
    served.host,
    `GET /health HTTP/1.1\r\nHost: ${served.host}\r\n\r\n${handshake(served.host, health)}`,
  );
  assert.equal(served.relay.activeStreams(), 0);
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

Deno.test("a host that listens itself serves the same sockets", async () => {
  const log = keptLog();
  const relay = createRelay({ dataDir: ":memory:", historyHours: 24, agentToken, drainSeconds: 1, log });
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, relay.fetch);
  const host = `127.0.0.1:${server.addr.port}`;
  await using agent = await ScriptedAgent.start(host);
  await using viewer = view(host, "power?module=4&interval=0.01");
  await viewer.opened;
  await until("the viewer", () => relay.activeStreams() === 1);
  agent.read(readingAt(1, { ch1_power: -3 }));
  assert.equal((await viewer.next("data")).ch1_power, -3);
  viewer.socket.send(new Uint8Array([1]));
  assert.equal((await viewer.next("error")).code, "bad_message");
  await using long = view(host, "health");
  await long.opened;
  long.send("x".repeat(16 * 1024 + 1));
  assert.equal((await long.end()).code, 1009);
  await using protocols = new Client(`ws://${host}/ws`, z.looseObject({ type: z.string() }));
  await protocols.opened;
  await relay.close();
  for (const one of [agent, viewer, protocols]) assert.equal((await one.end()).code, 1001);
});

// Sockets byte by byte, on our own listener; and the same relay where the host listens.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createServer, type Socket } from "node:net";
import { setImmediate } from "node:timers";
import { z } from "zod";
import { createRelay } from "../../../lib/relay/mod.ts";
import { Encoded } from "../../../lib/relay/wire/carrier.ts";
import { NetCarrier } from "../../../lib/relay/wire/net_carrier.ts";
import { until } from "../../support/until.ts";
import { exchange, frame, handshake, rawSocket, rest } from "./raw.ts";
import { agentToken, Client, keptLog, ScriptedAgent, serveRelay, view } from "./support.ts";
import { readingAt } from "../../support/reading.ts";

const closeOf = (code: number, length = 2) => String.fromCharCode(0x88, length, code >> 8, code & 255);

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

Deno.test("an upgrade behind a request that is not answered yet ends the connection, and holds nothing", async () => {
  await using served = await serveRelay();
  await exchange(
    served.host,
    `GET /health HTTP/1.1\r\nHost: ${served.host}\r\n\r\n${handshake(served.host, health)}`,
  );
  assert.equal(served.relay.activeStreams(), 0);
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

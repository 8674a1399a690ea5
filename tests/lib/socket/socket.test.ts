// The shell over real sockets, as an agent uses it: Deno's WebSocket with headers, no page, no polls.

import assert from "node:assert/strict";
import { createSocket, type Message, type PageEvent, withHeaders } from "../../../lib/socket/mod.ts";
import { Bench } from "./bench.ts";
import { serve } from "./server.ts";
import { until } from "./until.ts";

const quick = { initialReconnectDelayMs: 20, maxReconnectDelayMs: 40 };

Deno.test("an agent connects with its token; what onOpen sends goes out first, then what was queued, then the rest", async () => {
  let authorization: string | null = null;
  const all = Promise.withResolvers<void>();
  const messages: string[] = [];
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    authorization = request.headers.get("authorization");
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => {
      messages.push(data);
      if (messages.length === 4) all.resolve();
    };
    return response;
  });
  const socket = createSocket({
    url: `ws://127.0.0.1:${server.addr.port}`,
    connect: withHeaders({ authorization: "Bearer secret" }),
    onOpen: () => socket.send({ type: "hello" }),
  });
  assert.equal(socket.send({ type: "queued", n: 1 }), false);
  socket.send("queued as text");
  socket.connect();
  await until(socket.state, (state) => state === "connected");
  assert.equal(socket.send({ type: "live" }), true);
  await all.promise;
  assert.equal(authorization, "Bearer secret");
  assert.deepEqual(messages, [
    '{"type":"hello"}',
    '{"type":"queued","n":1}',
    "queued as text",
    '{"type":"live"}',
  ]);
  socket.disconnect();
});

Deno.test("the queue keeps the newest, and counts what it drops", async () => {
  await using server = serve();
  const socket = createSocket({ url: server.ws });
  for (let n = 1; n <= 102; n++) socket.send(`${n}`);
  assert.equal(socket.counters.value.dropped, 2);
  socket.connect();
  await until(socket.state, (state) => state === "connected");
  await server.until(({ messages }) => messages.length === 100);
  assert.deepEqual(server.messages, Array.from({ length: 100 }, (_, i) => `${3 + i}`));
  socket.disconnect();
});

Deno.test("a relay that dies and comes back on the same port is found again; the signals tell it all", async () => {
  const server = serve();
  const socket = createSocket({ url: server.ws, policy: quick });
  const states: string[] = [];
  const stop = socket.state.subscribe((state) => states.push(state));
  socket.connect();
  await until(socket.state, (state) => state === "connected");
  await server[Symbol.asyncDispose]();
  await until(socket.attempt, (attempt) => attempt >= 3);
  assert.match(socket.lastError.value ?? "", /\(\d+\)$/);
  await using again = serve({ port: Number(new URL(server.base).port) });
  await until(socket.state, (state) => state === "connected");
  assert.deepEqual(states, ["idle", "connecting", "connected", "reconnecting", "connected"]);
  assert.deepEqual([socket.opened.value, socket.attempt.value, socket.nextRetryAt.value], [2, 0, null]);
  assert.equal(again.sockets.size, 1);
  socket.disconnect();
  stop();
});

Deno.test("ten refused attempts to come back lead to `disconnected`, and `reconnect` starts again", async () => {
  let refused = true;
  await using server = serve({ refuses: () => refused });
  const socket = createSocket({ url: server.ws, policy: { ...quick, maxReconnectDelayMs: 20 } });
  socket.connect();
  await until(socket.why, (why) => why === "gave_up");
  assert.equal(server.requests.length, 11);
  refused = false;
  socket.reconnect();
  await until(socket.state, (state) => state === "connected");
  assert.equal(server.requests.length, 12);
  socket.disconnect();
});

Deno.test("`reconnect` on an open socket closes it and opens one other", async () => {
  await using server = serve();
  const socket = createSocket({ url: server.ws });
  socket.connect();
  await until(socket.state, (state) => state === "connected");
  socket.reconnect();
  await until(socket.opened, (opened) => opened === 2);
  await server.until(({ requests, sockets }) => requests.length === 2 && sockets.size === 1);
  socket.disconnect();
});

Deno.test("a policy close stops, and says why", async () => {
  await using server = serve({ onOpen: (socket) => socket.close(4401, "token expired") });
  const socket = createSocket({ url: server.ws, policy: quick });
  socket.connect();
  await until(socket.state, (state) => state === "disconnected");
  assert.deepEqual([socket.why.value, socket.lastError.value], ["unauthenticated", "token expired (4401)"]);
  socket.disconnect();
});

Deno.test("messages reach the listener parsed; what is none is counted, and ends nothing", async () => {
  await using server = serve({
    onOpen(socket) {
      for (const text of ["{", "null", "[]", "7", '{"no":"type"}', '{"type":7}']) socket.send(text);
      socket.send(new Uint8Array([1, 2, 3]));
      socket.send('{"type":"ack","through":5}');
    },
  });
  const heard = Promise.withResolvers<Message>();
  const socket = createSocket({ url: server.ws, onMessage: heard.resolve });
  socket.connect();
  assert.deepEqual(await heard.promise, { type: "ack", through: 5 });
  assert.deepEqual([socket.counters.value.malformed, socket.state.value], [7, "connected"]);
  socket.disconnect();
});

Deno.test("a ping is sent a second after opening, and its pong gives the round trip", async () => {
  await using server = serve();
  const socket = createSocket({ url: server.ws });
  socket.connect();
  const roundTripMs = await until(socket.roundTripMs, (ms) => ms !== null);
  assert.ok(roundTripMs !== null && roundTripMs < 1_000);
  assert.deepEqual(server.messages, ['{"type":"ping"}']);
  socket.disconnect();
});

Deno.test("a server that swallows pings is left after 5 s", async () => {
  await using server = serve({ pongs: false });
  const socket = createSocket({ url: server.ws, policy: { heartbeatTimeoutMs: 50 } });
  socket.connect();
  await until(socket.state, (state) => state === "reconnecting");
  assert.equal(socket.lastError.value, "no pong for 0.05 s");
  socket.disconnect();
});

Deno.test("the address is asked for before each attempt; one that comes too late opens nothing", async () => {
  await using server = serve({ onOpen: (socket) => socket.close(1011) });
  const late = Promise.withResolvers<string>();
  const addresses = [`${server.ws}/1`, Promise.resolve(`${server.ws}/2`), late.promise];
  let asked = 0;
  const third = Promise.withResolvers<void>();
  const connected: string[] = [];
  const socket = createSocket({
    url: () => {
      if (asked === 2) third.resolve();
      return addresses[asked++] ?? null;
    },
    policy: quick,
    connect(url) {
      connected.push(new URL(url).pathname);
      return new WebSocket(url);
    },
  });
  socket.connect();
  await third.promise;
  socket.disconnect();
  late.resolve(`${server.ws}/3`);
  await late.promise;
  await Promise.resolve();
  assert.deepEqual(connected, ["/1", "/2"]);
  assert.equal(socket.state.value, "disconnected");
});

Deno.test("an address that cannot be had is a failed attempt, in words", async () => {
  const socket = createSocket({ url: () => Promise.reject(new Error("no token for you")), policy: quick });
  socket.connect();
  await until(socket.attempt, (attempt) => attempt === 2);
  assert.equal(socket.lastError.value, "Error: no token for you (1006)");
  socket.disconnect();
});

Deno.test("a constructor that throws is a failed attempt, and throws nothing at its caller", async () => {
  const socket = createSocket({ url: "http://[", policy: quick });
  socket.connect();
  await until(socket.attempt, (attempt) => attempt >= 1);
  assert.ok(socket.lastError.value);
  socket.disconnect();
});

Deno.test("the page's events reach the machine from `connect` to `disconnect`, and not after", async () => {
  await using server = serve();
  const told: ((event: PageEvent) => void)[] = [];
  let left = 0;
  const socket = createSocket({
    url: server.ws,
    page: (tell) => {
      told.push(tell);
      return () => left++;
    },
  });
  socket.connect();
  await until(socket.state, (state) => state === "connected");
  told[0]?.("offline");
  assert.equal(socket.online.value, false);
  told[0]?.("pagehide");
  assert.equal(socket.why.value, "parked");
  told[0]?.("pageshow");
  await until(socket.opened, (opened) => opened === 2);
  socket.disconnect();
  assert.deepEqual([told.length, left], [1, 1]);
});

Deno.test("a listener that reconnects from within a signal's effect brings about one socket, in order", async () => {
  await using server = serve();
  const socket = createSocket({ url: server.ws });
  const stop = socket.opened.subscribe((opened) => {
    if (opened === 1) socket.reconnect();
  });
  socket.connect();
  await until(socket.opened, (opened) => opened === 2);
  await server.until(({ requests, sockets }) => requests.length === 2 && sockets.size === 1);
  socket.disconnect();
  stop();
});

Deno.test("the last error says what the runtime said of it", async () => {
  const closedPort = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = closedPort.addr;
  closedPort.close();
  const socket = createSocket({ url: `ws://127.0.0.1:${port}`, policy: quick });
  socket.connect();
  await until(socket.attempt, (attempt) => attempt >= 1);
  assert.match(socket.lastError.value ?? "", /connect/);
  socket.disconnect();
});

Deno.test("the answer to a poll that was given up is not taken for the answer to the next", async () => {
  const polls: PromiseWithResolvers<boolean>[] = [];
  const bench = new Bench();
  const socket = createSocket({
    url: null,
    poll() {
      const poll = Promise.withResolvers<boolean>();
      polls.push(poll);
      return poll.promise;
    },
    ...bench.options,
  });
  socket.connect();
  await until(socket.why, (why) => why === "unsupported");
  bench.advance(1_000);
  bench.advance(10_000);
  assert.equal(polls.length, 2);
  polls[0]?.resolve(true);
  await polls[0]?.promise;
  await Promise.resolve();
  assert.equal(socket.polling.value, false);
  polls[1]?.resolve(true);
  await until(socket.polling, (polling) => polling);
  socket.disconnect();
});

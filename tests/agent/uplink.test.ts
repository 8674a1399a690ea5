// The uplink against the real relay, and, for what a relay must not be made to do, against a server that only listens.

import assert from "node:assert/strict";
import { memorySpool, type Spool } from "../../agent/spool.ts";
import { Uplink } from "../../agent/uplink.ts";
import { type AgentMessage, agentMessage, type Readings } from "../../lib/protocol/mod.ts";
import { agentToken, keptLog, serveRelay } from "../lib/relay/support.ts";
import { startProxy } from "../support/proxy.ts";
import { until } from "../support/until.ts";
import { indexOf, readingNumber } from "./readings.ts";

const boot = "boot0001";
const noLog = keptLog();

function startUplink(relayUrl: string, spool: Spool, token = agentToken) {
  const uplink = new Uplink({
    relayUrl,
    station: "bench-1",
    token,
    modules: [4],
    spool,
    log: noLog,
    onStored() {},
  });
  uplink.connect();
  let count = 0;
  return {
    uplink,
    /** Takes so many readings, one after the other. */
    read(readings: number) {
      for (let i = 0; i < readings; i++) {
        spool.append(readingNumber(++count));
        uplink.wake();
      }
    },
    [Symbol.dispose]: () => uplink.close(),
  };
}

/** A server that keeps what an agent says, and says what the test wants. */
function startListener() {
  const heard: AgentMessage[] = [];
  const sockets: WebSocket[] = [];
  const tokens: (string | null)[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    tokens.push(request.headers.get("authorization"));
    const { socket, response } = Deno.upgradeWebSocket(request);
    sockets.push(socket);
    socket.onmessage = ({ data }) => {
      // Within the limit of a frame, and in the words of the protocol.
      assert.ok(data.length <= 16384);
      const message = agentMessage.parse(JSON.parse(data));
      if (message.type === "ping") {
        socket.send(JSON.stringify({ type: "pong", timestamp: new Date().toISOString() }));
      } else heard.push(message);
    };
    return response;
  });
  return {
    url: `ws://127.0.0.1:${server.addr.port}`,
    heard,
    sockets,
    tokens,
    readings: () => heard.filter((message): message is Readings => message.type === "readings"),
    say: (message: unknown) => sockets.at(-1)?.send(JSON.stringify(message)),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) if (socket.readyState === WebSocket.OPEN) socket.close();
      await server.shutdown();
    },
  };
}

Deno.test("uplink - says hello with its token, and nothing else before it is welcome", async () => {
  await using relay = startListener();
  using agent = startUplink(relay.url, memorySpool(boot, 100));
  agent.read(3);
  agent.uplink.fault("too early");
  const hello = await until("hello", () => relay.heard[0]);
  assert.deepEqual(hello, { type: "hello", station: "bench-1", boot, identity: null, modules: [4] });
  assert.deepEqual(relay.tokens, [`Bearer ${agentToken}`]);
  relay.say({ type: "welcome", through: null });
  await until("the readings", () => relay.heard.length > 1);
  assert.deepEqual(relay.heard.slice(1), [{
    type: "readings",
    boot,
    first: 1,
    items: [1, 2, 3].map(readingNumber),
  }]);
});

Deno.test("uplink - a backlog goes up in bounded frames, and not all at once", async () => {
  await using relay = startListener();
  const spool = memorySpool(boot, 10_000);
  using agent = startUplink(relay.url, spool);
  agent.read(5000);
  await until("hello", () => relay.heard[0]);
  relay.say({ type: "welcome", through: null });
  const sent = () => relay.readings().reduce((sum, { items }) => sum + items.length, 0);
  await until("a window full", () => sent() >= 1600);
  assert.equal(sent(), 1600);
  assert.equal(spool.held, 5000);
  relay.say({ type: "ack", boot, through: 100 });
  await until("two frames more", () => sent() >= 1700);
  assert.equal(sent(), 1700);
  assert.equal(spool.held, 4900);
  let next = 1;
  for (const { first, items } of relay.readings()) {
    assert.equal(first, next);
    assert.ok(items.length <= 50);
    next += items.length;
  }
});

Deno.test("uplink - a relay that is slow gets fewer and fuller frames", async () => {
  await using relay = startListener();
  using agent = startUplink(relay.url, memorySpool(boot, 10_000));
  await until("hello", () => relay.heard[0]);
  relay.say({ type: "welcome", through: null });
  agent.read(1);
  await until("the first reading", () => relay.readings().length === 1);
  agent.read(99);
  await until("32 frames", () => relay.readings().length === 32);
  relay.say({ type: "ack", boot, through: 32 });
  await until("the rest", () => relay.readings().length === 34);
  assert.deepEqual(relay.readings().slice(32).map(({ items }) => items.length), [50, 18]);
});

Deno.test("uplink - after a lost connection it goes on from what the relay has", async () => {
  await using relay = startListener();
  using agent = startUplink(relay.url, memorySpool(boot, 1000));
  await until("hello", () => relay.heard.length === 1);
  relay.say({ type: "welcome", through: null });
  agent.read(10);
  await until("ten readings", () => relay.readings().flatMap(({ items }) => items).length === 10);
  relay.say({ type: "ack", boot, through: 3 });
  relay.sockets.at(-1)?.close(4000);
  agent.read(2);
  relay.heard.length = 0;
  await until("hello again", () => relay.heard.length === 1);
  relay.say({ type: "welcome", through: 7 });
  await until("readings", () => relay.readings().length > 0);
  assert.deepEqual(
    relay.readings().flatMap(({ first, items }) => items.map((item, i) => [first + i, indexOf(item)])),
    [8, 9, 10, 11, 12].map((i) => [i, i]),
  );
});

Deno.test("uplink - before it ends, what is left is given a moment to arrive", async () => {
  await using served = await serveRelay();
  const spool = memorySpool(boot, 1000);
  using agent = startUplink(`ws://${served.host}`, spool);
  agent.read(1);
  await until("the first reading", () => spool.held === 0);
  agent.read(500);
  const start = performance.now();
  await agent.uplink.flush(10_000);
  assert.ok(performance.now() - start < 5000);
  assert.equal(spool.held, 0);
  assert.equal(served.relay.recent(4, 0).length, 501);
});

Deno.test("uplink - with the relay away, or deaf, nobody waits long for its end", async () => {
  await using relay = startListener();
  using deaf = startUplink(relay.url, memorySpool(boot, 10));
  await until("hello", () => relay.heard.length === 1);
  deaf.read(1);
  await deaf.uplink.flush(50);
  using away = startUplink("ws://127.0.0.1:1", memorySpool(boot, 10));
  away.read(1);
  await away.uplink.flush(10_000);
});

Deno.test("uplink - faults and recoveries are told to who listens, and the identity in the next hello", async () => {
  await using relay = startListener();
  using agent = startUplink(relay.url, memorySpool(boot, 10));
  await until("hello", () => relay.heard.length === 1);
  relay.say({ type: "welcome", through: null });
  await until("a fault", () => {
    agent.uplink.fault("x".repeat(1000));
    return relay.heard.length > 1;
  });
  assert.deepEqual(relay.heard[1], {
    type: "fault",
    source: "instrument",
    message: "x".repeat(500),
    recoverable: true,
  });
  agent.uplink.recovered("EXFO,CTP10,1,2");
  await until("the recovery", () => relay.heard.at(-1)?.type === "recovered");
  relay.sockets.at(-1)?.close(4000);
  await until("hello again", () => {
    const last = relay.heard.at(-1);
    return last?.type === "hello" && last.identity === "EXFO,CTP10,1,2";
  });
});

Deno.test("uplink - an instrument that is found between hello and welcome is named as soon as the welcome is there", async () => {
  await using relay = startListener();
  using agent = startUplink(relay.url, memorySpool(boot, 10));
  const hello = await until("hello", () => relay.heard[0]);
  assert.ok(hello.type === "hello" && hello.identity === null);
  agent.uplink.recovered("EXFO,CTP10,1,2");
  relay.say({ type: "welcome", through: null });
  await until("its name", () => relay.heard.length > 1);
  assert.deepEqual(relay.heard[1], { type: "recovered", identity: "EXFO,CTP10,1,2" });
});

Deno.test("uplink - a command that it does not know is answered", async () => {
  await using relay = startListener();
  using _agent = startUplink(relay.url, memorySpool(boot, 10));
  await until("hello", () => relay.heard.length === 1);
  relay.say({ type: "welcome", through: null });
  relay.say({ type: "command", id: "c1", name: "make_coffee", params: {} });
  const result = await until("the answer", () => relay.heard[1]);
  assert.deepEqual(result, {
    type: "result",
    id: "c1",
    ok: false,
    problem: { title: "this agent has no command make_coffee" },
  });
});

Deno.test("uplink - a reading that follows a word about the instrument is not held back", async () => {
  await using served = await serveRelay();
  const spool = memorySpool(boot, 100);
  using agent = startUplink(`ws://${served.host}`, spool);
  agent.read(1);
  await until("the first reading", () => spool.held === 0);
  const tookMs: number[] = [];
  const sweep = { state: "idle", wavelength_nm: null, percent: 0, started_at: null, eta_s: null } as const;
  for (let round = 0; round < 20; round++) {
    agent.uplink.report({ type: "instrument", lasers: null, activities: [], sweep });
    await until("the relay's knowledge", () => served.relay.instruments.all().length > 0);
    const startMs = performance.now();
    agent.read(1);
    await until("its receipt", () => spool.held === 0, { everyMs: 1 });
    tookMs.push(performance.now() - startMs);
  }
  // Held back by Nagle's algorithm it takes 40 ms, less the time since the word before it.
  const median = tookMs.toSorted((a, b) => a - b)[tookMs.length >> 1] ?? NaN;
  assert.ok(median < 15, `${median.toFixed(1)} ms`);
});

Deno.test("uplink - through cuts and a refusal every reading reaches the relay once, in order", async () => {
  await using served = await serveRelay();
  await using proxy = startProxy(Number(served.host.split(":")[1]));
  const spool = memorySpool(boot, 36_000);
  using agent = startUplink(`ws://127.0.0.1:${proxy.port}`, spool);
  let taken = 0;
  const timer = setInterval(() => {
    agent.read(2);
    taken += 2;
  }, 5);
  try {
    for (let round = 0; round < 3; round++) {
      const before = taken;
      await until("readings on their way", () => taken > before + 100 && spool.held < 200);
      proxy.cut();
    }
    proxy.become({ type: "refuse" });
    proxy.cut();
    const before = taken;
    await until("readings that wait", () => taken > before + 300);
    proxy.become({ type: "pass" });
    await until("an empty spool", () => spool.held < 200);
  } finally {
    clearInterval(timer);
  }
  await until("the last reading", () => spool.held === 0);
  const stored = served.relay.recent(4, 0).map(indexOf);
  assert.deepEqual(stored, Array.from({ length: taken }, (_, i) => i + 1));
  assert.equal(spool.dropped, 0);
});

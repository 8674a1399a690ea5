import assert from "node:assert/strict";
import { startProxy } from "./proxy.ts";
import { until } from "./until.ts";

/** An HTTP and WebSocket server that echoes. */
function startEcho() {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    if (request.headers.get("upgrade") !== "websocket") return new Response("plain");
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  });
  return { port: server.addr.port, [Symbol.asyncDispose]: () => server.shutdown() };
}

const text = async (port: number) =>
  await (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } })).text();

async function openSocket(port: number) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  const received: string[] = [];
  let ended: "open" | "closed" | "error" = "open";
  const closed = Promise.withResolvers<void>();
  socket.onmessage = ({ data }) => received.push(data);
  socket.onerror = () => ended = "error";
  socket.onclose = () => {
    if (ended === "open") ended = "closed";
    closed.resolve();
  };
  await Promise.race([new Promise((resolve) => socket.onopen = resolve), closed.promise]);
  return {
    socket,
    received,
    get ended() {
      return ended;
    },
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await closed.promise;
    },
  };
}

Deno.test("pass: HTTP and WebSocket go through", async () => {
  await using echo = startEcho();
  await using proxy = startProxy(echo.port);
  assert.equal(await text(proxy.port), "plain");
  await using client = await openSocket(proxy.port);
  client.socket.send("hello");
  await until("the echo", () => client.received.includes("hello"));
});

Deno.test("cut: open connections end, the next one opens", async () => {
  await using echo = startEcho();
  await using proxy = startProxy(echo.port);
  await using client = await openSocket(proxy.port);
  proxy.cut();
  await until("the end of the socket", () => client.ended !== "open");
  assert.equal(await text(proxy.port), "plain");
});

Deno.test("refuse: nobody listens, until the proxy passes again on the same port", async () => {
  await using echo = startEcho();
  await using proxy = startProxy(echo.port);
  const { port } = proxy;
  proxy.become({ type: "refuse" });
  await assert.rejects(text(port));
  proxy.become({ type: "pass" });
  assert.equal(await text(port), "plain");
  assert.equal(proxy.port, port);
});

Deno.test("blackhole: nothing arrives and nothing closes, until the proxy passes again", async () => {
  await using echo = startEcho();
  await using proxy = startProxy(echo.port);
  await using client = await openSocket(proxy.port);
  proxy.become({ type: "blackhole" });
  client.socket.send("lost?");
  // A plain request through the same hole proves that time enough has gone by for an echo.
  const answer = text(proxy.port);
  const winner = await Promise.race([
    answer,
    new Promise((resolve) => setTimeout(() => resolve("silence"), 200)),
  ]);
  assert.equal(winner, "silence");
  assert.deepEqual([client.received, client.ended], [[], "open"]);
  proxy.become({ type: "pass" });
  assert.equal(await answer, "plain");
  await until("what was held back", () => client.received.includes("lost?"));
});

Deno.test("delay: every message comes later, and they do not queue behind each other's delay", async () => {
  await using echo = startEcho();
  await using proxy = startProxy(echo.port);
  await using client = await openSocket(proxy.port);
  proxy.become({ type: "delay", ms: 100 });
  const startedAt = Date.now();
  for (let i = 0; i < 10; i++) {
    client.socket.send(String(i));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await until("all echoes", () => client.received.length === 10);
  const tookMs = Date.now() - startedAt;
  assert.deepEqual(client.received, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  assert.ok(tookMs >= 200 && tookMs < 800, `there and back took ${tookMs} ms`);
});

Deno.test("throttle: a message takes as long as its bytes", async () => {
  await using echo = startEcho();
  await using proxy = startProxy(echo.port);
  await using client = await openSocket(proxy.port);
  proxy.become({ type: "throttle", bytesPerSecond: 20_000 });
  const startedAt = Date.now();
  client.socket.send("x".repeat(2000));
  await until("the echo", () => client.received.length === 1);
  assert.ok(Date.now() - startedAt >= 200);
});

for (const status of [403, 426] as const) {
  Deno.test(`refuse_upgrades: a WebSocket gets ${status}, plain HTTP passes`, async () => {
    await using echo = startEcho();
    await using proxy = startProxy(echo.port, { type: "refuse_upgrades", status });
    await using client = await openSocket(proxy.port);
    assert.equal(client.ended, "error");
    assert.equal(proxy.refusedUpgrades, 1);
    assert.equal(await text(proxy.port), "plain");
  });
}

Deno.test("a proxy in front of nobody closes what connects, and can be closed itself", async () => {
  const echo = startEcho();
  await echo[Symbol.asyncDispose]();
  await using proxy = startProxy(echo.port);
  await assert.rejects(text(proxy.port));
});

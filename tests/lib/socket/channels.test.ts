// Many channels on one socket, over a real one.

import assert from "node:assert/strict";
import { createChannelSocket, type Message } from "../../../lib/socket/mod.ts";
import { epoch, reading, readings } from "./readings.ts";
import { serve } from "./server.ts";
import { until } from "./until.ts";

const quick = { initialReconnectDelayMs: 20, maxReconnectDelayMs: 40 };

Deno.test("a message reaches the handlers of its type, until they are taken away", async () => {
  await using server = serve({
    onOpen(socket) {
      for (const text of ['{"type":"a","n":1}', '{"type":"b","n":2}', '{"type":"a","n":3}']) {
        socket.send(text);
      }
    },
  });
  const heard: Message[] = [];
  const end = Promise.withResolvers<Message>();
  const socket = createChannelSocket({ url: server.ws });
  const stop = socket.on("a", (message) => {
    heard.push(message);
    stop();
  });
  socket.on("b", (message) => heard.push(message));
  socket.on("a", (message) => message.n === 3 && end.resolve(message));
  socket.connect();
  await end.promise;
  assert.deepEqual(heard, [{ type: "a", n: 1 }, { type: "b", n: 2 }]);
  socket.disconnect();
});

Deno.test("subscriptions come back after a reconnect, power channels with the cursor that they had reached", async () => {
  let heard = 0;
  await using server = serve({
    onMessage(socket) {
      if (++heard !== 2) return;
      socket.send(JSON.stringify({ type: "replay", module: 4, readings: readings(1, 2), complete: true }));
      socket.send(JSON.stringify(reading(3)));
      socket.send(JSON.stringify(reading(9, { module: 7 })));
      socket.close(1011);
    },
  });
  const socket = createChannelSocket({ url: server.ws, policy: quick });
  socket.subscribe(["power/4"], { interval: 0.5 });
  socket.subscribe(["events", "metrics"]);
  socket.unsubscribe(["metrics"]);
  socket.connect();
  await until(socket.opened, (count) => count === 2);
  await server.until(({ messages }) => messages.length === 4);
  assert.deepEqual(server.messages.map((text) => JSON.parse(text)), [
    { type: "subscribe", channels: ["power/4"], interval: 0.5 },
    { type: "subscribe", channels: ["events"] },
    { type: "subscribe", channels: ["power/4"], interval: 0.5, since: `${epoch}-3` },
    { type: "subscribe", channels: ["events"] },
  ]);
  socket.unsubscribe(["events"]);
  socket.subscribe(["stations:status"]);
  await server.until(({ messages }) => messages.length === 6);
  assert.deepEqual(server.messages.slice(4).map((text) => JSON.parse(text)), [
    { type: "unsubscribe", channels: ["events"] },
    { type: "subscribe", channels: ["stations:status"] },
  ]);
  socket.disconnect();
});

Deno.test("handlers hear the opening, each failure and the end; a token is asked for before each attempt", async () => {
  let refused = true;
  let asked = 0;
  await using server = serve({ refuses: () => refused });
  const told: string[] = [];
  const socket = createChannelSocket({
    url: `${server.ws}/ws?room=1`,
    token: () => `t${++asked}`,
    policy: quick,
    onOpen: () => told.push("open"),
    onClose: () => told.push("close"),
    onError: (words) => told.push(words === "" ? "no words" : "error"),
  });
  socket.connect();
  await until(socket.attempt, (attempt) => attempt === 2);
  refused = false;
  await until(socket.state, (state) => state === "connected");
  socket.disconnect();
  assert.deepEqual(told.slice(-2), ["open", "close"]);
  assert.deepEqual([...new Set(told.slice(0, -2))], ["error"]);
  assert.equal(told.length - 2, server.requests.length - 1);
  const queries = server.requests.map((_, index) => `?room=1&token=t${index + 1}`);
  assert.deepEqual(server.requests.map(({ search }) => search), queries);
});

Deno.test("a socket that is not enabled opens none, and says so", async () => {
  await using server = serve();
  const socket = createChannelSocket({ url: server.ws, enabled: false });
  socket.connect();
  await until(socket.why, (why) => why === "unsupported");
  assert.equal(server.requests.length, 0);
  socket.disconnect();
});

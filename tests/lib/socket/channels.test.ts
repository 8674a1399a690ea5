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

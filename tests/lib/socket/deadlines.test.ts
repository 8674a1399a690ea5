// What the shell of the machine does with time: its clock, and the timer of the next deadline.

import assert from "node:assert/strict";
import { createSocket } from "../../../lib/socket/mod.ts";
import { Bench } from "./bench.ts";
import { serve } from "./server.ts";

Deno.test("messages move deadlines, and arm no timer each", async () => {
  const count = 100;
  await using server = serve({
    onOpen(socket) {
      for (let n = 0; n < count; n++) socket.send('{"type":"n"}');
    },
  });
  const bench = new Bench();
  const socket = createSocket({ url: server.ws, ...bench.options });
  socket.connect();
  await bench.events("heard", count);
  assert.ok(bench.arms < 5, `${bench.arms} timers`);
  socket.disconnect();
});

Deno.test("a deadline that has passed meanwhile is due now: no timer is set into the past", async () => {
  const delays: number[] = [];
  let time = 0;
  const socket = createSocket({
    url: "ws://127.0.0.1:1",
    connect: () => ({ readyState: 0, send() {}, close() {}, onopen: null, onmessage: null, onclose: null }),
    now: () => time += 60_000,
    timer(_wake, delayMs) {
      delays.push(delayMs);
      return () => {};
    },
  });
  socket.connect();
  socket.disconnect();
  await Promise.resolve();
  assert.ok(delays.length > 0 && delays.every((delayMs) => delayMs >= 0), `${delays}`);
});

Deno.test("a clock that is set back stands still, and then goes on: no deadline moves away", () => {
  const now = Date.now;
  try {
    let time = 1_000_000;
    Date.now = () => time;
    const socket = createSocket({ url: null });
    assert.equal(socket.now(), 1_000_000);
    time -= 3_600_000;
    assert.equal(socket.now(), 1_000_000);
    time += 500;
    assert.equal(socket.now(), 1_000_500);
  } finally {
    Date.now = now;
  }
});

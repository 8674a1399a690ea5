// The line's speed: what a client can read in a second is what the wire allows, on average, however timers wake.

import { equal, ok } from "node:assert/strict";
import { lineTimeMs, Pacer } from "../../../agent/simulator/transport/pacer.ts";
import { misread } from "../../../agent/simulator/transport/uart.ts";
import { until } from "../../support/until.ts";
import { connectSerial, connectTcp, startTestSimulator } from "./clients.ts";

Deno.test("thirty bytes take 2.6 ms at 115200 baud", () => {
  equal(Number(lineTimeMs(30, 115_200).toFixed(2)), 2.6);
});

Deno.test("timers that wake late do not slow the line down", () => {
  const pacer = new Pacer();
  let nowMs = 1_000_000;
  const startMs = nowMs;
  for (let exchange = 0; exchange < 1000; exchange++) {
    pacer.received(20, 115_200, nowMs);
    const dueMs = pacer.due(10, 115_200, nowMs);
    nowMs = Math.max(nowMs, dueMs) + (exchange % 10) / 10;
    pacer.sent(nowMs);
  }
  ok(Math.abs((nowMs - startMs) / 1000 - lineTimeMs(30, 115_200)) < 0.01);
});

Deno.test("a line that was stopped does not make up for it", () => {
  const pacer = new Pacer();
  pacer.received(20, 115_200, 0);
  pacer.due(10, 115_200, 0);
  pacer.sent(60_000);
  pacer.received(20, 115_200, 60_000);
  ok(pacer.due(10, 115_200, 60_000) > 60_000 - 5);
});

Deno.test("a client that pauses gets no line time for its pause", () => {
  const pacer = new Pacer();
  for (const nowMs of [0, 500, 1000]) {
    pacer.received(20, 115_200, nowMs);
    const dueMs = pacer.due(10, 115_200, nowMs);
    ok(Math.abs(dueMs - nowMs - lineTimeMs(30, 115_200)) < 0.001);
    pacer.sent(dueMs);
  }
});

Deno.test("a client reads no more queries a second than the line allows, and not many fewer", async () => {
  await using test = await startTestSimulator();
  await using client = await connectSerial(test.link);
  const query = [1, 2, 3, 4].map((channel) => `:CTP:SENS4:CHAN${channel}:POW?`).join(";");
  let bytes = 0;
  const startMs = performance.now();
  for (let count = 0; count < 100; count++) bytes += query.length + 2 + (await client.ask(query)).length + 2;
  const rate = lineTimeMs(bytes, 115_200) / (performance.now() - startMs);
  ok(rate <= 1.02, `${rate} of what the line allows`);
  // The machine that runs this may be busy; an idle one reaches 0.97.
  ok(rate >= 0.5, `${rate} of what the line allows`);
});

Deno.test("a long reply arrives as a stream, at the line's speed", async () => {
  await using test = await startTestSimulator();
  await using client = await connectSerial(test.link);
  await client.send(":INIT:TLS1:WAV:STAR 1550NM;STOP 1560NM;:INIT:TLS1:SPE 200;:INIT;*WAI");
  const startMs = performance.now();
  const block = await client.askBlock(":TRAC:SENS4:CHAN1:TYPE11:DATA? BIN,DB");
  equal(block.length, 4004);
  ok(performance.now() - startMs >= lineTimeMs(4004, 115_200) - 5);
});

Deno.test("a reply that nobody reads is lost, and the next client gets no more than a few bytes of it", async () => {
  await using test = await startTestSimulator();
  {
    await using client = await connectSerial(test.link);
    await client.send(":INIT:TLS1:WAV:STAR 1500NM;STOP 1600NM;:INIT:TLS1:SPE 200;:INIT;*WAI");
    await client.send(":TRAC:SENS4:CHAN1:TYPE11:DATA? BIN,DB");
    await client.bytes(100);
  }
  await until("the end of the reply", () => test.log.some((line) => line.includes("nobody reads")));
  await using client = await connectSerial(test.link);
  ok((await client.rest(150)).length < 300);
  equal(await client.ask("*IDN?"), "EXFO,CTP10,12345,1.0.0");
});

Deno.test("the simulator can be closed in the middle of replies that nobody reads", async () => {
  const closed = performance.now();
  {
    await using test = await startTestSimulator();
    await using serial = await connectSerial(test.link);
    await using tcp = await connectTcp(test.simulator.tcp ?? { hostname: "", port: 0 });
    await serial.send(
      ":INIT:TLS1:WAV:STAR 1500NM;STOP 1600NM;:INIT:TLS1:SPE 200;:INIT:WAV:SAMP 1PM;:INIT;*WAI",
    );
    for (const client of [serial, tcp]) {
      await client.send("*WAI;:TRAC:SENS4:CHAN1:TYPE11:DATA? BIN,DB");
      await client.bytes(100);
    }
    await test.simulator.close();
    await Promise.all([serial.ended(), tcp.ended()]);
  }
  ok(performance.now() - closed < 5000);
});

Deno.test("a UART at the sender's rate reads what was sent, and within three percent of it too", () => {
  const sent = new TextEncoder().encode("-17.850;-21.560;6.940;-60.120\r\n");
  for (const rate of [115_200, 112_500, 118_000]) {
    equal(new TextDecoder().decode(misread(sent, 115_200, rate)), new TextDecoder().decode(sent));
  }
});

Deno.test("a UART at another rate reads something else: fewer bytes when slower, not fewer when faster", () => {
  const sent = new TextEncoder().encode("-17.850;-21.560;6.940;-60.120\r\n");
  const slow = misread(sent, 115_200, 9600);
  ok(slow.length > 0 && slow.length < sent.length / 4);
  const fast = misread(sent, 115_200, 230_400);
  ok(fast.length >= sent.length);
  for (const read of [slow, fast]) ok(!new TextDecoder().decode(read).includes("17.8"));
});

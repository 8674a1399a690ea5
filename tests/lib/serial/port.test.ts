import assert from "node:assert/strict";
import { openPty, SerialError, SerialPort } from "deno-serial";
import { countResources, openLine, receive, receiveSome, send, text } from "./helpers.ts";

const kind = (expected: string) => (error: unknown) =>
  error instanceof SerialError && error.kind === expected;

Deno.test("port - every byte value arrives unchanged, both ways", async () => {
  await using line = await openLine();
  const all = Uint8Array.from({ length: 256 }, (_, value) => value);
  await send(line.port, all);
  assert.deepEqual(await receive(line.pty, 256), all);
  await send(line.pty, all);
  assert.deepEqual(await receive(line.port, 256), all);
});

Deno.test("port - a short answer comes back in well under a millisecond", async () => {
  await using line = await openLine();
  const { port, pty } = line;
  const roundTripsMs: number[] = [];
  for (let i = 0; i < 300; i++) {
    const start = performance.now();
    await send(port, text("*IDN?\r\n"));
    await receive(pty, 7);
    await send(pty, text("EXFO,CTP10,12345,1.0.0\r\n"));
    await receive(port, 24);
    roundTripsMs.push(performance.now() - start);
  }
  roundTripsMs.sort((a, b) => a - b);
  const medianMs = roundTripsMs[150] ?? Infinity;
  assert.ok(medianMs < 1, `the median is ${medianMs} ms`);
});

Deno.test("port - a megabyte each way passes a buffer of kilobytes", async () => {
  await using line = await openLine();
  const megabyte = Uint8Array.from({ length: 1 << 20 }, (_, i) => i * 7 + (i >> 8));
  const sent = send(line.port, megabyte);
  assert.deepEqual(await receive(line.pty, megabyte.length), megabyte);
  await sent;
  const answered = send(line.pty, megabyte);
  assert.deepEqual(await receive(line.port, megabyte.length), megabyte);
  await answered;
});

Deno.test("port - unplugging errors both streams, dispatches disconnect, within milliseconds", async () => {
  await using line = await openLine();
  const { port, pty } = line;
  assert.ok(port.readable !== null && port.writable !== null);
  const reader = port.readable.getReader();
  const writer = port.writable.getWriter();
  const disconnected = new Promise((resolve) => port.addEventListener("disconnect", resolve, { once: true }));
  const ended = Promise.all([
    assert.rejects(reader.read(), kind("disconnected")),
    assert.rejects(writer.closed, kind("disconnected")),
    disconnected,
  ]);
  const start = performance.now();
  await pty.close();
  await ended;
  const tookMs = performance.now() - start;
  assert.ok(tookMs < 50, `it took ${tookMs} ms`);
  assert.equal(port.readable, null);
  assert.equal(port.writable, null);
  await port.close();
});

Deno.test("port - unplugging is seen although nobody reads", async () => {
  await using line = await openLine();
  const disconnected = new Promise((resolve) =>
    line.port.addEventListener("disconnect", resolve, { once: true })
  );
  await line.pty.close();
  await disconnected;
});

Deno.test("port - closing ends a read that waits, and a write that cannot go on", async () => {
  await using line = await openLine();
  const { port } = line;
  assert.ok(port.readable !== null && port.writable !== null);
  const read = port.readable.getReader().read();
  const written = assert.rejects(port.writable.getWriter().write(new Uint8Array(1 << 20)), kind("state"));
  await port.close();
  assert.equal((await read).done, true);
  await written;
  await port.close();
});

Deno.test("port - whoever closes it second waits for the first", async () => {
  await using line = await openLine();
  let closed = false;
  const first = line.port.close().then(() => closed = true);
  await line.port.close();
  assert.ok(closed);
  await first;
});

Deno.test("port - a write that is stuck can be aborted, and the next writable works", async () => {
  await using line = await openLine();
  const { port, pty } = line;
  assert.ok(port.writable !== null);
  const writer = port.writable.getWriter();
  const stuck = assert.rejects(writer.write(new Uint8Array(1 << 20)), /enough/);
  await receiveSome(pty);
  await writer.abort(new Error("enough"));
  await stuck;
  const sent = send(port, text("again"));
  let received = "";
  while (!received.endsWith("again")) received += new TextDecoder().decode(await receiveSome(pty));
  await sent;
});

Deno.test("port - a cancelled readable gives way to a new one, and nothing is lost between", async () => {
  await using line = await openLine();
  const { port, pty } = line;
  await send(pty, text("first"));
  await receive(port, 5);
  await port.readable?.cancel();
  await send(pty, text("second"));
  // Time for a reader that should not be there to take it.
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(await receive(port, 6), text("second"));
});

Deno.test("port - opens again after close and after unplugging, without what came in between", async () => {
  await using line = await openLine();
  const { port, pty } = line;
  await port.close();
  await send(pty, text("nobody hears this"));
  await port.open({ baudRate: 9600 });
  await send(pty, text("but this"));
  assert.deepEqual(await receive(port, 8), text("but this"));
});

Deno.test("port - opening twice is refused", async () => {
  await using line = await openLine();
  await assert.rejects(line.port.open({ baudRate: 9600 }), kind("state"));
});

Deno.test("port - a device that is missing, forbidden or no terminal is named in one sentence", async () => {
  const cases = [
    ["/dev/ttyNOSUCH0", "missing", /\/dev\/ttyNOSUCH0.*no such device/],
    // sysfs refuses to open a read-only attribute for writing, even to root.
    ["/sys/kernel/uevent_seqnum", "permission", /this user may not/],
    ["/dev/null", "not_a_terminal", /\/dev\/null.*not a serial device\. Check the path/],
    ["/dev", "not_a_terminal", /\/dev: it is not a serial device\. Check the path/],
    ["/dev/null/tty", "missing", /no such device/],
  ] as const;
  for (const [path, expected, message] of cases) {
    const error = await new SerialPort(path).open({ baudRate: 115200 }).catch((error: unknown) => error);
    assert.ok(kind(expected)(error), `${path}: ${error}`);
    assert.match(String(error), message);
  }
});

Deno.test("port - a second owner is told which process has the device", async () => {
  await using line = await openLine();
  const second = new SerialPort(line.port.path);
  await assert.rejects(
    second.open({ baudRate: 115200 }),
    (error) => kind("busy")(error) && String(error).includes(`process ${Deno.pid}`),
  );
  await line.port.close();
  await second.open({ baudRate: 115200 });
  await second.close();
});

Deno.test("port - speed and format reach the line, any whole baud rate does", async () => {
  await using pty = openPty();
  const port = new SerialPort(pty.path);
  for (const baudRate of [9600, 115200, 250000, 3000000]) {
    await port.open({ baudRate, stopBits: 2, flowControl: "hardware" });
    assert.equal(pty.baudRate(), baudRate);
    await port.close();
  }
  for (const baudRate of [0, -1, 1.5, Number.NaN]) {
    await assert.rejects(port.open({ baudRate }), kind("unsupported"));
  }
});

Deno.test("port - modem lines of a pseudo-terminal are refused, not invented", async () => {
  await using line = await openLine();
  await assert.rejects(line.port.getSignals(), kind("unsupported"));
  await assert.rejects(line.port.setSignals({ dataTerminalReady: true }), kind("unsupported"));
  assert.deepEqual(line.port.getInfo(), {});
  await line.port.close();
  await assert.rejects(line.port.getSignals(), kind("state"));
});

Deno.test("port - a hundred unplug and replug cycles leave no descriptor and no thread behind", async () => {
  const cycle = async () => {
    const line = await openLine();
    const disconnected = new Promise((resolve) =>
      line.port.addEventListener("disconnect", resolve, { once: true })
    );
    await send(line.port, text("*IDN?\r\n"));
    await receive(line.pty, 7);
    await line.pty.close();
    await disconnected;
  };
  for (let i = 0; i < 3; i++) await cycle();
  const before = countResources();
  for (let i = 0; i < 100; i++) await cycle();
  const after = countResources();
  assert.equal(after.descriptors, before.descriptors);
  assert.ok(after.threads <= before.threads + 2, `${before.threads} threads became ${after.threads}`);
});

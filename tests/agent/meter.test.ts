// The meter against the simulated instrument, over a real pseudo-terminal.

import assert from "node:assert/strict";
import { SerialPort } from "deno-serial";
import { openLine } from "../../agent/line.ts";
import { reading as readingSchema } from "../../lib/protocol/mod.ts";
import { until } from "../support/until.ts";
import { startBench } from "./bench.ts";
import { ctp10Script, startScripted } from "./scripted.ts";
import { connectTcp, startTestSimulator, type TestSimulator } from "./simulator/clients.ts";

const near = (value: number | null | undefined, expected: number, toleranceDb = 0.5) =>
  assert.ok(
    value !== null && value !== undefined && Math.abs(value - expected) < toleranceDb,
    `${value} ≉ ${expected}`,
  );

/** Somebody at the instrument's front panel. */
async function atTheInstrument({ simulator }: TestSimulator, ...commands: string[]): Promise<void> {
  assert.ok(simulator.tcp !== undefined);
  await using client = await connectTcp(simulator.tcp);
  for (const command of commands) await client.send(command);
  await client.ask("*OPC?");
}

Deno.test("meter - four channels of a module come on schedule, as the protocol wants them", async () => {
  await using simulated = await startTestSimulator();
  await using bench = startBench(simulated.link, { hz: 20 });
  await until("two seconds of readings", () => bench.readings.length >= 41);
  for (const reading of bench.readings) {
    assert.deepEqual(readingSchema.parse(reading), reading);
    assert.deepEqual([reading.module, reading.unit, reading.wavelength_nm], [4, "dBm", 1310]);
    near(reading.ch1_power, -17.85);
    near(reading.ch2_power, -21.56);
    near(reading.ch3_power, 6.94);
    near(reading.ch4_power, -60.12);
  }
  const times = bench.readings.map(({ timestamp }) => timestamp);
  const periods = times.slice(2).map((time, i) => time - (times[i + 1] ?? NaN)).sort((a, b) => a - b);
  const median = periods[Math.floor(periods.length / 2)] ?? NaN;
  assert.ok(Math.abs(median - 1 / 20) < 0.005, `a period of 50 ms took ${median} s`);
  assert.ok(Math.abs((times.at(-1) ?? NaN) - Date.now() / 1000) < 1);
  assert.deepEqual(bench.identities, ["EXFO,CTP10,12345,1.0.0"]);
  assert.deepEqual(bench.faults, []);
});

Deno.test("meter - a unit changed at the instrument never meets a number of the other one", async () => {
  await using simulated = await startTestSimulator();
  await using bench = startBench(simulated.link, { hz: 50 });
  for (let round = 0; round < 6; round++) {
    const unit = round % 2 === 0 ? "MW" : "DBM";
    const before = bench.readings.length;
    await atTheInstrument(simulated, ...[1, 2, 3, 4].map((c) => `:CTP:SENSe4:CHANnel${c}:UNIT:Y ${unit}`));
    await until("readings in the new unit", () =>
      bench.readings.length > before + 5 &&
      bench.readings.at(-1)?.unit === (unit === "MW" ? "mW" : "dBm"));
  }
  assert.deepEqual(new Set(bench.readings.map(({ unit }) => unit)), new Set(["dBm", "mW"]));
  for (const { unit, ch1_power, ch3_power, ch4_power } of bench.readings) {
    const dbm = (value: number | null) => unit === "dBm" ? value : 10 * Math.log10(value ?? NaN);
    near(dbm(ch1_power), -17.85);
    near(dbm(ch3_power), 6.94);
    near(dbm(ch4_power), -60.12);
  }
});

Deno.test("meter - a wavelength changed at the instrument is seen within about a second", async () => {
  await using simulated = await startTestSimulator();
  await using bench = startBench(simulated.link);
  await until("a reading", () => bench.readings.length > 0);
  await atTheInstrument(simulated, ":CTP:SENSe4:CHANnel1:WAVelength 1550NM");
  await until("the new wavelength", () => bench.readings.at(-1)?.wavelength_nm === 1550, { timeoutMs: 2000 });
});

Deno.test("meter - a wavelength that lost a digit never gets through", async () => {
  const answers = ctp10Script(() => "-17.850;0;-21.560;0;6.940;0;-60.120;0");
  let asked = 0;
  await using scripted = startScripted((line, count) => {
    // 1310 nm at first, 1550 nm later, every other answer cut
    if (!line.endsWith(":WAV?")) return answers(line, count);
    const digits = asked < 6 ? "1.3100000" : "1.5500000";
    return `${++asked % 3 === 1 ? digits.replace(/[35]/, "") : digits}E-006\r\n`;
  });
  await using bench = startBench(() => scripted.open());
  await until("the new one", () => bench.readings.at(-1)?.wavelength_nm === 1550, { timeoutMs: 10_000 });
  assert.deepEqual([...new Set(bench.readings.map(({ wavelength_nm }) => wavelength_nm))], [1310, 1550]);
});

Deno.test("meter - channels that are out of range are null and say so", async () => {
  const numbers = "9.91E+037;0;9.9E+037;0;-9.9E+037;0;-3.000;0";
  await using device = startScripted(ctp10Script(() => numbers));
  await using bench = startBench(device.path);
  const reading = await until("a reading", () => bench.readings[0]);
  assert.deepEqual([reading.ch1_power, reading.ch2_power, reading.ch3_power, reading.ch4_power], [
    null,
    null,
    null,
    -3,
  ]);
  assert.deepEqual(reading.flags, { ch1: "invalid", ch2: "over_range", ch3: "under_range" });
  assert.deepEqual(readingSchema.parse(reading), reading);
});

Deno.test("meter - silence becomes a fault that is repeated each second, and ends with the first reading", async () => {
  await using simulated = await startTestSimulator();
  await using bench = startBench(simulated.link);
  await until("a reading", () => bench.readings.length > 0);
  simulated.simulator.command("fault silence");
  await until("three reports", () => bench.faults.length >= 3);
  for (const { message } of bench.faults) {
    assert.match(message, /does not answer\. Check the instrument's power/);
  }
  const [first, second, third] = bench.faults.map(({ atMs }) => atMs);
  assert.ok(Math.abs((third ?? 0) - (first ?? 0) - 2000) < 300, `${first} ${second} ${third}`);
  const before = bench.readings.length;
  simulated.simulator.command("clear");
  await until("readings", () => bench.readings.length > before);
  await until("the recovery", () => bench.identities.length === 2);
  const told = bench.faults.length;
  await until("more readings", () => bench.readings.length > before + 60);
  assert.equal(bench.faults.length, told);
});

Deno.test("meter - unplugged and replugged as another device, it is found again through its link", async () => {
  await using simulated = await startTestSimulator();
  await using bench = startBench(simulated.link);
  for (let round = 1; round <= 3; round++) {
    await until("readings", () => bench.identities.length === round);
    const before = bench.faults.length;
    simulated.simulator.command("fault unplug for 0.3");
    await until("the fault", () => bench.faults.length > before);
  }
  await until("the recovery", () => bench.identities.length === 4);
  assert.ok(bench.faults.some(({ message }) => /went away/.test(message)));
  assert.ok(bench.faults.some(({ message }) => /no such device/.test(message)));
});

Deno.test("meter - a number that lost a digit never gets through", async () => {
  let count = 0;
  const good = "-17.850;0;-21.560;0;6.940;0;-60.120;0";
  const bad = ["-1.850;0;-21.560;0;6.940;0;-60.120;0", "-17.850;0;-21.560;0;6.940;0;-6.120;0"];
  await using device = startScripted(ctp10Script(() => ++count % 7 === 3 ? bad[count % 2] : good));
  await using bench = startBench(device.path, { hz: 100 });
  await until("readings", () => bench.readings.length >= 50);
  for (const { ch1_power, ch4_power } of bench.readings) {
    assert.deepEqual([ch1_power, ch4_power], [-17.85, -60.12]);
  }
  assert.ok(bench.meter.counters.doubted >= 5);
  assert.equal(bench.meter.counters.resynchronised, 0);
});

Deno.test("meter - after a garbled answer it is in step again on the same line, and no fault is told", async () => {
  let count = 0;
  const good = "-17.850;0;-21.560;0;6.940;0;-60.120;0";
  await using device = startScripted(ctp10Script(() => ++count === 5 ? "-17.8\u00e50;0;-21." : good));
  await using bench = startBench(device.path);
  await until("readings", () => bench.readings.length >= 20);
  assert.equal(bench.meter.counters.resynchronised, 1);
  assert.equal(bench.meter.counters.opened, 1);
  assert.deepEqual(bench.faults, []);
});

Deno.test("meter - a second garbled answer, to the check itself, does not cost the line", async () => {
  let count = 0;
  let garbleNextCheck = false;
  const good = "-17.850;0;-21.560;0;6.940;0;-60.120;0";
  const script = ctp10Script(() => {
    garbleNextCheck = ++count === 5;
    return garbleNextCheck ? "-17.8\u00e50;0;-21." : good;
  });
  await using device = startScripted((line, heard) => {
    if (!garbleNextCheck || line !== ":SYST:ERR?") return script(line, heard);
    garbleNextCheck = false;
    return `0,"No \u00f2rror\r\n`;
  });
  await using bench = startBench(device.path);
  await until("readings", () => bench.readings.length >= 20);
  assert.equal(bench.meter.counters.opened, 1);
  assert.deepEqual(bench.faults, []);
});

Deno.test("meter - what the instrument refuses is told in its own words, and other modules go on", async () => {
  const script = ctp10Script(() => "-17.850;0;-21.560;0;6.940;0;-60.120;0");
  let refused = false;
  await using device = startScripted((line, count) => {
    if (line.includes("SENS5") && line.includes(":POW?")) refused = true;
    else if (refused && line === ":SYST:ERR?") {
      refused = false;
      return `-114,"Header suffix out of range"\r\n`;
    } else return script(line, count);
  });
  await using bench = startBench(device.path, { modules: [4, 5] });
  const { message } = await until("the fault", () => bench.faults[0]);
  assert.match(message, /module 5 .*-114, Header suffix out of range.*METER_MODULES/);
  await until("readings of the other module", () => bench.readings.length >= 4);
});

Deno.test("meter - another instrument, none, and one that is taken are each one sentence", async () => {
  await using other = startScripted((line) => {
    if (line === ":SYST:ERR?") return `0,"No error"\r\n`;
    return line === "*IDN?" ? "KEYSIGHT,8163B,1,2\r\n" : undefined;
  });
  await using taken = startScripted(ctp10Script(() => undefined));
  await using owner = new SerialPort(taken.path);
  await owner.open({ baudRate: 115200 });
  const cases = [
    [other.path, /is "KEYSIGHT,8163B,1,2", not a CTP10\. Set METER/],
    ["/dev/ttyNOSUCH0", /Cannot open \/dev\/ttyNOSUCH0: there is no such device/],
    ["/dev/null", /Cannot open \/dev\/null: it is not a serial device/],
    [taken.path, new RegExp(`process ${Deno.pid} \\(.*\\) has it`)],
  ] as const;
  for (const [path, expected] of cases) {
    await using bench = startBench(path);
    const { message } = await until("the fault", () => bench.faults[0]);
    assert.match(message, expected);
  }
});

Deno.test("meter - an instrument at another speed is named with its speed", async () => {
  await using simulated = await startTestSimulator({ faults: ["baud baud=19200"] });
  await using bench = startBench(simulated.link);
  const expected = new RegExp(
    `^The instrument at ${simulated.link} speaks at 19200 baud, METER says 115200\\. Set METER=serial:.*baud=19200`,
  );
  const first = await until(
    "the explanation",
    () => bench.faults.findIndex(({ message }) => expected.test(message)) + 1,
  );
  await until("three more reports", () => bench.faults.length > first + 3);
  for (const { message } of bench.faults.slice(first)) assert.match(message, expected);
  simulated.simulator.command("clear");
  await until("readings", () => bench.readings.length > 0);
});

Deno.test("meter - TCP will do as well, and a closed port is named", async () => {
  const simulated = await startTestSimulator();
  const { tcp } = simulated.simulator;
  assert.ok(tcp !== undefined);
  const open = () => openLine({ type: "tcp", host: tcp.hostname, port: tcp.port });
  await using bench = startBench(open, { hz: 100 });
  await until("readings", () => bench.readings.length >= 20);
  await simulated[Symbol.asyncDispose]();
  await until(
    "the fault",
    () =>
      bench.faults.some(({ message }) =>
        message.includes(`${tcp.hostname}:${tcp.port}: nothing listens there`)
      ),
  );
});

Deno.test("meter - twenty unplug and replug cycles leave no descriptor behind", async () => {
  await using simulated = await startTestSimulator();
  await using bench = startBench(simulated.link);
  const descriptors = () => [...Deno.readDirSync("/proc/self/fd")].length;
  let before = 0;
  for (let cycle = 1; cycle <= 21; cycle++) {
    await until("readings", () => bench.identities.length >= cycle, { everyMs: 5 });
    if (cycle === 1) before = descriptors();
    else assert.equal(descriptors(), before);
    simulated.simulator.command("fault unplug for 0.01");
  }
});

// Sweeps and their spectra, as a client sees them. The clock runs fast, so that a sweep of seconds takes no time.

import { deepEqual, equal, ok } from "node:assert/strict";
import type { Clock } from "../../../agent/simulator/mod.ts";
import { until } from "../../support/until.ts";
import { connectTcp, type ScpiClient, startTestSimulator, type TestSimulator } from "./clients.ts";

const speedUp = 20;
/** A clock that is twenty times too fast, from 2025-11-28 on. */
function fastClock(): Clock {
  const start = performance.now();
  return {
    now: () => Date.UTC(2025, 10, 28, 9, 26, 30) + (performance.now() - start) * speedUp,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms / speedUp);
        signal.addEventListener("abort", () => {
          clearTimeout(timer);
          resolve();
        }, { once: true });
      }),
  };
}

const start = () => startTestSimulator({ clock: fastClock() });
const connect = ({ simulator }: TestSimulator) => connectTcp(simulator.tcp ?? { hostname: "", port: 0 });

/** Sweeps 1550 to 1560 nm, at a sampling and a power, and waits for the end. */
async function sweep(client: ScpiClient, samplingPm = 10, powerDbm = 5): Promise<void> {
  await client.send(`:INIT:TLS1:WAV:STAR 1550NM;STOP 1560NM;:INIT:TLS1:POW ${powerDbm}DBM`);
  await client.send(`:INIT:WAV:SAMP ${samplingPm}PM;:INIT`);
  equal(await client.ask("*OPC?"), "1");
}

const numbers = (text: string) => text.split(",").map(Number);
const trace = async (client: ScpiClient, type: number, channel = 1) =>
  numbers(await client.ask(`:TRAC:SENS4:CHAN${channel}:TYPE${type}:DATA? ASCII,DB`));
const lowest = (values: readonly number[]) => Math.min(...values);
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

Deno.test("a sweep takes its range divided by its speed, and the time to stabilize", async () => {
  await using test = await start();
  await using client = await connect(test);
  const clock = fastClock();
  await client.send(":INIT:TLS1:WAV:STAR 1500NM;STOP 1600NM;:INIT:TLS1:SPE 50;:INIT:STAB 1,3");
  const beganMs = clock.now();
  await client.send(":INIT");
  equal(await client.ask(":STAT:OPER:COND?"), "4");
  equal(await client.ask("*OPC?"), "1");
  const tookMs = clock.now() - beganMs;
  ok(tookMs >= 4990 && tookMs < 8000, `${tookMs} ms`);
  equal(await client.ask(":STAT:OPER:COND?;EVEN?"), "0;4");
});

Deno.test("the status registers say when a sweep has ended, for who asked with *OPC", async () => {
  await using test = await start();
  await using client = await connect(test);
  equal(await client.ask("*CLS;:INIT;*OPC;*ESR?"), "0");
  equal(await client.ask("*WAI;*ESR?"), "1");
});

Deno.test("several lasers sweep one after the other, and make one trace", async () => {
  await using test = await start();
  await using client = await connect(test);
  await client.send(":INIT:TLS1:WAV:STAR 1500NM;STOP 1550NM;:INIT:TLS1:POW 0DBM");
  await client.send(":INIT:TLS2:ID 2;WAV:STAR 1550NM;STOP 1600NM;:INIT:TLS2:POW 6DBM");
  await client.send(":INIT:WAV:SAMP 100PM;:INIT");
  equal(await client.ask("*OPC?;:TRAC:SENS4:CHAN3:TYPE11:DATA:LENG?"), "1;1001");
  const values = await trace(client, 11, 3);
  ok(Math.abs((values[900] ?? 0) - (values[100] ?? 0) - 6) < 0.1);
});

Deno.test("the spectrum has the ring's dips where the light passes it, and none where it does not", async () => {
  await using test = await start();
  await using client = await connect(test);
  await sweep(client);
  const through = await trace(client, 11, 1);
  equal(through.length, 1001);
  ok(lowest(through) < median(through) - 10);
  ok(Math.abs(median(through) - (5 - 27.85)) < 0.5);
  const direct = await trace(client, 11, 3);
  ok(lowest(direct) > median(direct) - 0.2);
  const dips = through.filter((value, index) =>
    value < median(through) - 6 && value < (through[index - 1] ?? 0) && value < (through[index + 1] ?? 0)
  );
  ok(dips.length >= 2 && dips.length <= 8, `${dips.length} dips in 10 nm`);
});

Deno.test("a coarser sampling gives fewer points and shallower dips, which take out as much light", async () => {
  await using test = await start();
  await using client = await connect(test);
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + 10 ** (value / 10), 0) / values.length / 10 ** (median(values) / 10);
  await sweep(client, 10);
  const fine = await trace(client, 11);
  await sweep(client, 250);
  const coarse = await trace(client, 11);
  equal(coarse.length, 41);
  ok(lowest(fine) < median(fine) - 10);
  ok(lowest(coarse) > median(coarse) - 3);
  ok(mean(fine) < 0.985, `${mean(fine)}`);
  ok(Math.abs(mean(coarse) - mean(fine)) < 0.007, `${mean(coarse)} against ${mean(fine)}`);
});

Deno.test("more power moves the raw trace, and leaves the transmission where it was", async () => {
  await using test = await start();
  await using client = await connect(test);
  await sweep(client, 100, 0);
  const [raw, relative] = [await trace(client, 11), await trace(client, 1)];
  await sweep(client, 100, 10);
  const [moreRaw, sameRelative] = [await trace(client, 11), await trace(client, 1)];
  ok(Math.abs(median(moreRaw) - median(raw) - 10) < 0.05);
  ok(Math.abs(median(sameRelative) - median(relative)) < 0.05);
});

Deno.test("a transmission is the raw trace less the reference, near 0 dB between the dips", async () => {
  await using test = await start();
  await using client = await connect(test);
  await sweep(client);
  equal(await client.ask(":REF:SENS4:CHAN1:INIT;:STAT:OPER:COND?;*OPC?"), "64;1");
  equal((await client.ask(":REF:SENS4:CHAN1:RES?")).slice(0, 13), "1,0,20251128,");
  const [live, transmission, reference] = [
    await trace(client, 11),
    await trace(client, 1),
    await trace(client, 12),
  ];
  live.forEach((value, index) => {
    ok(Math.abs(value - (reference[index] ?? NaN) - (transmission[index] ?? NaN)) < 0.001, `point ${index}`);
  });
  ok(Math.abs(median(transmission)) < 0.3);
  ok(lowest(transmission) < -10);
  ok(lowest(reference) > median(reference) - 0.2);
});

Deno.test("where the reference does not reach, a transmission is not a number", async () => {
  await using test = await start();
  await using client = await connect(test);
  await sweep(client, 250);
  await client.send(":REF:SENS4:CHAN1:INIT");
  await client.send("*WAI;:INIT:TLS1:WAV:STAR 1545NM;:INIT");
  equal(await client.ask("*OPC?"), "1");
  const values = await trace(client, 1);
  deepEqual([values[0], values[19]], [9.91e37, 9.91e37]);
  ok((values[20] ?? NaN) < 1);
  const block = await client.askBlock(":TRAC:SENS4:CHAN1:TYPE1:DATA? BIN,DB");
  equal(new DataView(block.buffer).getFloat32(0, false), Math.fround(9.91e37));
});

Deno.test("text and blocks say the same, and a block ends with its last byte", async () => {
  await using test = await start();
  await using client = await connect(test);
  await sweep(client);
  const y = await client.askBlock(":TRAC:SENS4:CHAN1:TYPE11:DATA? BIN,DB");
  const x = await client.askBlock(":TRAC:SENS4:CHAN1:TYPE11:DATA:X? BIN,M");
  equal(client.pending, "");
  equal(y.length, 1001 * 4);
  equal(x.length, 1001 * 8);
  const asText = await trace(client, 11);
  const inMetres = numbers(await client.ask(":TRAC:SENS4:CHAN1:TYPE11:DATA:X? ASCII,M"));
  asText.forEach((value, index) => {
    ok(Math.abs(new DataView(y.buffer).getFloat32(index * 4, false) - value) < 1e-4);
    ok(Math.abs(new DataView(x.buffer).getFloat64(index * 8, false) - (inMetres[index] ?? 0)) < 1e-14);
  });
  const inHertz = numbers(await client.ask(":TRAC:SENS4:CHAN1:TYPE11:DATA:X? ASCII,HZ"));
  ok(Math.abs((inHertz[0] ?? 0) - 299792458 / 1550e-9) < 1e7);
  const linear = numbers(await client.ask(":TRAC:SENS4:CHAN1:TYPE11:DATA? ASCII,Y"));
  ok(Math.abs((linear[0] ?? 0) / 10 ** ((asText[0] ?? 0) / 10) - 1) < 1e-4);
});

Deno.test("a trace of 94,001 points comes whole", async () => {
  await using test = await start();
  await using client = await connect(test);
  await client.send(":INIT:TLS1:WAV:STAR 1500NM;STOP 1594NM;:INIT:TLS1:SPE 200;:INIT:WAV:SAMP 1PM;:INIT");
  equal(await client.ask("*OPC?;:TRAC:SENS4:CHAN1:TYPE1:DATA:LENG?"), "1;94001");
  const block = await client.askBlock(":TRAC:SENS4:CHAN1:TYPE1:DATA? BIN,DB");
  equal(block.length, 94_001 * 4);
  equal(await client.ask("*IDN?"), "EXFO,CTP10,12345,1.0.0");
});

Deno.test("a fibre that is pulled when a sweep begins is dark in its trace", async () => {
  await using test = await start();
  await using client = await connect(test);
  test.simulator.command("fault pull on channel=2");
  await sweep(client, 250);
  ok(median(await trace(client, 11, 2)) < -70);
  ok(median(await trace(client, 11, 1)) > -30);
});

Deno.test("power readings go on during a sweep, and a sweep can be aborted by another client", async () => {
  await using test = await start();
  await using client = await connect(test);
  await using other = await connect(test);
  await client.send(":INIT:TLS1:SPE 5;:INIT");
  const waiting = client.ask("*OPC?");
  const seen = new Set<string>();
  await until(
    "readings that change",
    async () => seen.add(await other.ask(":CTP:SENS4:CHAN1:POW?")).size > 5,
  );
  equal(await other.ask(":STAT:OPER:COND?"), "4");
  await other.send(":ABOR");
  equal(await waiting, "1");
  equal(await other.ask(":TRAC:SENS4:CHAN1:TYPE11:DATA:LENG?"), "0");
});

Deno.test("a laser that is switched on lights the channels, one that is too strong overloads them", async () => {
  await using test = await start();
  await using client = await connect(test);
  const before = Number(await client.ask(":CTP:SENS4:CHAN3:POW?"));
  await client.send(":CTP:RLAS2:WAV 1310NM;POW 1.5DBM;POW:STAT ON");
  const lit = Number(await client.ask(":CTP:SENS4:CHAN3:POW?"));
  // The bench's +10 dBm and the laser's +1.5 dBm together are 0.58 dB more.
  ok(Math.abs(lit - before - 0.574) < 0.05, `${lit - before} dB`);
  await client.send(":CTP:RLAS2:POW 13DBM;:CTP:RLAS3:WAV 1310NM;POW 13DBM;POW:STAT ON");
  equal(await client.ask(":CTP:SENS4:CHAN3:POW?"), "9.90000000E+037");
  await client.send(":CTP:RLAS2:POW:STAT OFF;:CTP:RLAS3:POW:STAT OFF");
  ok(Math.abs(Number(await client.ask(":CTP:SENS4:CHAN3:POW?")) - before) < 0.05);
});

Deno.test("after a sweep its laser stays on at the last wavelength, unless it was told not to", async () => {
  await using test = await start();
  await using client = await connect(test);
  await sweep(client, 100);
  equal(await client.ask(":CTP:RLAS1:POW:STAT?;:CTP:RLAS1:WAV?"), "1;1.56000000E-006");
  await client.send(":INIT:STAB 0,0");
  await sweep(client, 100);
  equal(await client.ask(":CTP:RLAS1:POW:STAT?"), "0");
});

Deno.test("the wavelength that a module expects changes its readings as its responsivity does", async () => {
  await using test = await start();
  await using client = await connect(test);
  const before = Number(await client.ask(":CTP:SENS4:CHAN3:POW?"));
  await client.send(":CTP:SENS4:CHAN1:WAV 1550NM");
  const after = Number(await client.ask(":CTP:SENS4:CHAN3:POW?"));
  ok(Math.abs(after - before - 10 * Math.log10(0.9)) < 0.05, `${after - before} dB`);
});

Deno.test("the same seed at the same time gives the same readings, another seed others", async () => {
  const still = (): Clock => ({ now: () => 1_764_321_991_000, sleep: () => Promise.resolve() });
  const read = async (seed: number) => {
    await using test = await startTestSimulator({ seed, clock: still() });
    await using client = await connect(test);
    return await client.ask([1, 2, 3, 4].map((channel) => `:CTP:SENS4:CHAN${channel}:POW?`).join(";"));
  };
  const first = await read(1);
  equal(await read(1), first);
  ok(await read(2) !== first);
});

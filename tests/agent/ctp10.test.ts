// The typed instrument against the simulated one, over the pseudo-terminal and over TCP.

import assert from "node:assert/strict";
import type { MeterAddress } from "../../agent/address.ts";
import { systemClock } from "../../agent/clock.ts";
import { Conversation } from "../../agent/conversation.ts";
import { Ctp10 } from "../../agent/ctp10/mod.ts";
import { MeterFailure } from "../../agent/failure.ts";
import { openLine } from "../../agent/line.ts";
import { until } from "../support/until.ts";
import { startScripted } from "./scripted.ts";
import { startTestSimulator } from "./simulator/clients.ts";

async function connect(wire: "serial" | "tcp") {
  const simulated = await startTestSimulator();
  const { tcp } = simulated.simulator;
  assert.ok(tcp !== undefined);
  const address: MeterAddress = wire === "serial"
    ? { type: "serial", path: simulated.link, baudRate: 115200 }
    : { type: "tcp", host: tcp.hostname, port: tcp.port };
  const conversation = new Conversation(await openLine(address), systemClock());
  const ctp10 = new Ctp10(conversation);
  const { identity } = await ctp10.synchronise();
  assert.equal(identity, "EXFO,CTP10,12345,1.0.0");
  return {
    ctp10,
    simulated,
    async [Symbol.asyncDispose]() {
      await conversation.close();
      await simulated[Symbol.asyncDispose]();
    },
  };
}

const refused = (words: RegExp) => (error: unknown) =>
  error instanceof MeterFailure && error.kind === "refused" && words.test(error.message);

const bytesOf = async (body: ReadableStream<Uint8Array<ArrayBuffer>>) =>
  new DataView(await new Response(body).arrayBuffer());

for (const wire of ["serial", "tcp"] as const) {
  Deno.test(`ctp10 over ${wire} - a detector's settings are changed and read back, the others stay`, async () => {
    await using here = await connect(wire);
    const detector = here.ctp10.detector(4, 2);
    assert.deepEqual(await detector.settings(), {
      powerUnit: "dBm",
      spectralUnit: "wavelength",
      wavelengthNm: 1310,
      trigger: 0,
    });
    await detector.change({ powerUnit: "mW", wavelengthNm: 1550.25, trigger: 3 });
    assert.deepEqual(await detector.settings(), {
      powerUnit: "mW",
      spectralUnit: "wavelength",
      wavelengthNm: 1550.25,
      trigger: 3,
    });
    await detector.change({ spectralUnit: "frequency" });
    assert.equal((await detector.settings()).spectralUnit, "frequency");
    assert.equal(await here.ctp10.wavelengthNm(4), 1550.25);
  });

  Deno.test(`ctp10 over ${wire} - lasers`, async () => {
    await using here = await connect(wire);
    const laser = here.ctp10.referenceLaser(2);
    assert.match((await laser.state()).identity, /^EXFO,T100S-HP,/);
    await laser.change({ on: true, wavelengthNm: 1550, power: { value: 2.5, unit: "mW" } });
    const { identity: _, ...state } = await laser.state();
    assert.deepEqual(state, { on: true, wavelengthNm: 1550, power: 2.5 });
    await laser.change({ on: false });
    assert.equal((await laser.state()).on, false);

    const tunable = here.ctp10.tunableLaser(1);
    await tunable.change({
      startNm: 1520,
      stopNm: 1580,
      speedNmPerS: 100,
      power: { value: 5, unit: "dBm" },
      trigger: 1,
    });
    assert.deepEqual(await tunable.state(), {
      startNm: 1520,
      stopNm: 1580,
      speedNmPerS: 100,
      power: 5,
      trigger: 1,
    });
  });

  Deno.test(`ctp10 over ${wire} - a sweep, its progress, and its trace as blocks`, async () => {
    await using here = await connect(wire);
    const { ctp10 } = here;
    await ctp10.tunableLaser(1).change({ startNm: 1550, stopNm: 1556, speedNmPerS: 20 });
    await ctp10.sweep.change({ samplingPm: 10, stabilization: { laserStaysOn: false, seconds: 0 } });
    assert.deepEqual(await ctp10.sweep.settings(), {
      samplingPm: 10,
      stabilization: { laserStaysOn: false, seconds: 0 },
    });
    const trace = ctp10.trace(4, 1, "live");
    assert.equal(await trace.extent(), null);
    assert.deepEqual(await ctp10.sweep.condition(), []);
    await ctp10.sweep.start();
    assert.deepEqual(await ctp10.sweep.condition(), ["scanning"]);
    await assert.rejects(ctp10.sweep.start(), refused(/:INIT:IMM \(-213/));
    await until("the end of the sweep", async () => (await ctp10.sweep.condition()).length === 0);
    const extent = await trace.extent();
    assert.deepEqual(extent, { length: 601, startNm: 1550, samplingPm: 10 });

    const levels = await trace.levelsDb();
    const power = ctp10.power(4);
    assert.equal(levels.length, 601 * 4);
    const view = await bytesOf(levels.body);
    const dbm = Array.from({ length: 601 }, (_, i) => view.getFloat32(i * 4));
    assert.ok(dbm.every((level) => level > -100 && level < 20));
    assert.equal((await power).channels.length, 4);
    const wavelengths = await bytesOf((await trace.wavelengthsM()).body);
    assert.ok(Math.abs(wavelengths.getFloat64(600 * 8) - 1556e-9) < 1e-15);
  });

  Deno.test(`ctp10 over ${wire} - a sweep is aborted, a reference is made`, async () => {
    await using here = await connect(wire);
    const { sweep } = here.ctp10;
    await here.ctp10.tunableLaser(1).change({ startNm: 1500, stopNm: 1600, speedNmPerS: 10 });
    await sweep.start();
    await sweep.abort();
    await until("rest", async () => (await sweep.condition()).length === 0);
    assert.deepEqual(await sweep.reference(4, 1), { type: "none" });
    await here.ctp10.tunableLaser(1).change({ startNm: 1550, stopNm: 1552, speedNmPerS: 20 });
    await sweep.startReference(4, 1);
    assert.ok((await sweep.condition()).includes("referencing"));
    await until("the reference", async () => (await sweep.reference(4, 1)).type === "made");
    const reference = await sweep.reference(4, 1);
    assert.match(reference.type === "made" ? reference.at : "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  });

  Deno.test(`ctp10 over ${wire} - what the instrument refuses is told with its own words, and nothing is left behind`, async () => {
    await using here = await connect(wire);
    const { ctp10 } = here;
    await assert.rejects(
      ctp10.tunableLaser(1).change({ startNm: 900 }),
      refused(/900NM \(-222, Data out of range\)/),
    );
    await assert.rejects(ctp10.referenceLaser(11).change({ on: true }), refused(/-114/));
    assert.equal(await ctp10.nextError(), null);
    await ctp10.power(4);
  });
}

Deno.test("ctp10 - an aborted question costs nobody else's answer", async () => {
  await using here = await connect("serial");
  const controller = new AbortController();
  const aborted = here.ctp10.tunableLaser(1).state(controller.signal);
  const power = here.ctp10.power(4);
  controller.abort(new Error("the page was closed"));
  await assert.rejects(aborted, /the page was closed/);
  assert.equal((await power).channels.length, 4);
});

Deno.test("ctp10 - where a trace begins is not believed when it lost a digit", async () => {
  const answers = [
    "1.0000000E-011;1.5500000E-006",
    "1.0000000E-011;1.500000E-006",
    "1.0000000E-011;1.5500000E-006",
  ];
  let asked = 0;
  await using scripted = startScripted((line) =>
    line.endsWith("LENG?") ? "6001\r\n" : `${answers[Math.min(++asked % 4, 2)]}\r\n`
  );
  const conversation = new Conversation(await scripted.open(), systemClock());
  try {
    const trace = new Ctp10(conversation).trace(4, 1, "live");
    for (let time = 0; time < 4; time++) {
      assert.deepEqual(await trace.extent(), { length: 6001, startNm: 1550, samplingPm: 10 });
    }
  } finally {
    await conversation.close();
  }
});

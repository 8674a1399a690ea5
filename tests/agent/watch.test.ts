// A watch of the simulated instrument, through sweeps that nobody told it of.

import assert from "node:assert/strict";
import { systemClock } from "../../agent/clock.ts";
import type { Ctp10 } from "../../agent/ctp10/mod.ts";
import { Watch } from "../../agent/watch.ts";
import type { InstrumentMessage } from "../../lib/protocol/mod.ts";
import { until } from "../support/until.ts";
import { startBench } from "./bench.ts";
import { startTestSimulator } from "./simulator/clients.ts";

/** A watch, and what it said of the sweep; `unplugged` hides the instrument from it. */
function startWatch(ctp10: Ctp10) {
  const stop = new AbortController();
  const told: InstrumentMessage["sweep"][] = [];
  const line = { unplugged: false };
  const watch = new Watch({
    instrument: () => line.unplugged ? undefined : ctp10,
    readLaser: (_, laser) =>
      Promise.resolve({ laser, identity: "", on: false, wavelength_nm: 1310, power: 0, unit: "dBm" }),
    tell: ({ sweep }) => told.push(sweep),
    clock: systemClock(),
  });
  const running = watch.run(stop.signal);
  return {
    watch,
    told,
    line,
    /** Each state once, in turn. */
    states: () => told.map(({ state }) => state).filter((state, i, all) => state !== all[i - 1]),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

async function startInstrument() {
  const simulated = await startTestSimulator();
  const bench = startBench(simulated.link);
  const { ctp10 } = await until("the instrument", () => bench.meter.instrument);
  return {
    ctp10,
    /** Starts a sweep as somebody at its front panel would. */
    async sweep(seconds: number) {
      await ctp10.tunableLaser(1).change({ startNm: 1500, stopNm: 1500 + 5 * seconds, speedNmPerS: 5 });
      await ctp10.sweep.start();
    },
    async [Symbol.asyncDispose]() {
      await bench[Symbol.asyncDispose]();
      await simulated[Symbol.asyncDispose]();
    },
  };
}

Deno.test("watch - a sweep that runs when the agent starts is told at once, without a start that nobody knows, and is done", async () => {
  await using instrument = await startInstrument();
  await instrument.sweep(2);
  await using seen = startWatch(instrument.ctp10);
  seen.watch.repeat();
  await until("its end", () => seen.told.at(-1)?.state !== "running" && seen.told.length > 0);
  assert.deepEqual(seen.states(), ["running", "done"]);
  assert.deepEqual(seen.told[0], {
    state: "running",
    wavelength_nm: null,
    percent: 0,
    started_at: null,
    eta_s: null,
  });
});

Deno.test("watch - a sweep that begins at the front panel under its eyes has a start, and is done", async () => {
  await using instrument = await startInstrument();
  await using seen = startWatch(instrument.ctp10);
  await until("the first look", () => seen.states()[0] === "idle");
  const startedMs = Date.now();
  await instrument.sweep(2);
  await until("its end", () => seen.states().length === 3);
  assert.deepEqual(seen.states(), ["idle", "running", "done"]);
  const { started_at } = seen.told.at(-1) ?? {};
  assert.ok(Math.abs(Date.parse(started_at ?? "") - startedMs) < 1500, `${started_at}`);
});

Deno.test("watch - a sweep goes on when the instrument was away in the middle of it", async () => {
  await using instrument = await startInstrument();
  await using seen = startWatch(instrument.ctp10);
  await until("the first look", () => seen.states()[0] === "idle");
  await instrument.sweep(3);
  await until("it runs", () => seen.states().at(-1) === "running");
  seen.line.unplugged = true;
  await until("nobody knows", () => seen.states().at(-1) !== "running");
  seen.line.unplugged = false;
  await until("its end", () => ["done", "aborted"].includes(seen.states().at(-1) ?? ""));
  assert.deepEqual(seen.states(), ["idle", "running", "unknown", "running", "done"]);
});

// One fault's process, for faults.ts: arguments are the fault, as the control socket takes it, and how many readings.

import { systemClock } from "../../agent/clock.ts";
import { openLine } from "../../agent/line.ts";
import { Meter } from "../../agent/meter.ts";
import { startSimulator } from "../../agent/simulator/mod.ts";
import { explainBySpeed } from "../../agent/speed.ts";
import { createLogger } from "../../lib/process/mod.ts";
import type { Reading } from "../../lib/protocol/mod.ts";

/** What one fault did. */
export interface FaultResult {
  readonly accepted: number;
  /** Answers that were read again, or after which the line was settled or opened again. */
  readonly rejected: number;
  readonly wrong: number;
  /** The largest error of an accepted reading. */
  readonly worstDb: number;
  readonly outagesMs: readonly number[];
  /** Open before and after. */
  readonly descriptors: readonly [number, number];
  /** On the heap, after a collection of garbage, before and after. */
  readonly heapMb: readonly [number, number];
  /** Resident before and after. */
  readonly residentMb: readonly [number, number];
}

const [fault = "", count = "10000"] = Deno.args;
const module = 4;
const seed = 1;
const baudRate = 4_000_000;
const warmUp = 1000;
const mb = 2 ** 20;
const wrongDb = 1.5;
/** What the simulated detectors are set to. */
const wavelengthNm = 1310;
const outageMs = 100;
/** What the simulated detectors show without light (optics/detector.ts). */
const darkMw = 1e-8;
/** Below this there is mostly noise, and one number is as good as another, dBm. */
const darkDbm = -70;

const link = `${await Deno.makeTempDir({ prefix: "lightline-faults-" })}/meter`;
const simulator = await startSimulator({
  seed,
  log: createLogger("simulator", { LOG_LEVEL: "error" }),
  link,
  baudRate,
});
const address = { type: "serial", path: link, baudRate } as const;
const clock = systemClock();

let onReading = (_: Reading) => {};
const meter = new Meter({
  open: (signal) => openLine(address, signal),
  explain: (signal) => explainBySpeed(address, clock, signal),
  modules: [module],
  // as fast as the line allows
  hz: 10_000,
  clock,
  random: Math.random,
  listener: { reading: (reading) => onReading(reading), fault() {}, recovered() {} },
});
const stop = new AbortController();
const running = meter.run(stop.signal);

const first = (await take(warmUp)).map((dbm) => dbm ?? NaN);
const before = { descriptors: descriptors(), memory: memory(), rejected: rejected() };

let [wrong, worstDb, lastMs] = [0, 0, performance.now()];
let light = truth();
const outagesMs: number[] = [];
simulator.command(`fault ${fault}`);
await take(Number(count), (powers, nm) => {
  const nowMs = performance.now();
  if (nowMs - lastMs > outageMs) outagesMs.push(nowMs - lastMs);
  lastMs = nowMs;
  // The instrument measured it between the reading before and now.
  const lightNow = truth();
  const errors = powers.map((dbm, index) =>
    Math.min(distanceDb(dbm, light[index] ?? NaN), distanceDb(dbm, lightNow[index] ?? NaN))
  );
  light = lightNow;
  const errorDb = Math.max(...errors);
  // Not a number is no reading either.
  if (!(errorDb <= wrongDb) || nm !== wavelengthNm) {
    wrong++;
    console.error(`${fault}: ${powers} at ${nm} nm instead of ${lightNow}`);
  }
  worstDb = Math.max(worstDb, errorDb);
});
const rejectedSince = rejected() - before.rejected;
simulator.command("clear");
await take(warmUp);

const after = memory();
const result: FaultResult = {
  accepted: Number(count),
  rejected: rejectedSince,
  wrong,
  worstDb,
  outagesMs,
  descriptors: [before.descriptors, descriptors()],
  heapMb: [before.memory.heapUsed / mb, after.heapUsed / mb],
  residentMb: [before.memory.rss / mb, after.rss / mb],
};
stop.abort();
await running;
await simulator.close();
await Deno.remove(link.slice(0, link.lastIndexOf("/")), { recursive: true });
console.log(JSON.stringify(result));

/** Waits for so many readings; the last one's powers, dBm. */
function take(
  readings: number,
  each = (_: readonly (number | null)[], __: number) => {},
): Promise<(number | null)[]> {
  const { promise, resolve } = Promise.withResolvers<(number | null)[]>();
  let taken = 0;
  onReading = ({ wavelength_nm, ch1_power, ch2_power, ch3_power, ch4_power }) => {
    const powers = [ch1_power, ch2_power, ch3_power, ch4_power];
    each(powers, wavelength_nm);
    if (++taken < readings) return;
    onReading = () => {};
    resolve(powers);
  };
  return promise;
}

/** dBm that a perfect meter would show. */
function truth(): readonly number[] {
  return first.map((dbm, index) => {
    const lightDbm = dbm + simulator.disturbanceDb(module, index + 1);
    return 10 * Math.log10(10 ** (lightDbm / 10) + darkMw);
  });
}

function distanceDb(dbm: number | null, trueDbm: number): number {
  return Math.abs(Math.max(darkDbm, dbm ?? darkDbm) - Math.max(darkDbm, trueDbm));
}

function rejected(): number {
  const { doubted, resynchronised, opened } = meter.counters;
  return doubted + resynchronised + opened - 1;
}

function descriptors(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

function memory(): Deno.MemoryUsage {
  Reflect.get(globalThis, "gc")?.();
  return Deno.memoryUsage();
}

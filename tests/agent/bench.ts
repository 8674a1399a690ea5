// A meter at work on a line of the test's choice, and everything that it said.

import type { Line } from "../../agent/line.ts";
import { openLine } from "../../agent/line.ts";
import { systemClock } from "../../agent/clock.ts";
import { Meter, type MeterOptions } from "../../agent/meter.ts";
import { explainBySpeed } from "../../agent/speed.ts";
import type { Reading } from "../../lib/protocol/mod.ts";

export interface Bench extends AsyncDisposable {
  readonly meter: Meter;
  readonly readings: readonly Reading[];
  readonly faults: readonly { readonly message: string; readonly repeated: boolean; readonly atMs: number }[];
  readonly identities: readonly string[];
}

const serialAddress = (path: string) => ({ type: "serial", path, baudRate: 115200 }) as const;

/** Starts a meter; `open` or the path of a serial device says where. */
export function startBench(
  open: string | (() => Promise<Line>),
  options: Partial<Pick<MeterOptions, "hz" | "modules">> = {},
): Bench {
  const stop = new AbortController();
  const readings: Reading[] = [];
  const faults: { message: string; repeated: boolean; atMs: number }[] = [];
  const identities: string[] = [];
  const clock = systemClock();
  const meter = new Meter({
    open: typeof open === "string" ? () => openLine(serialAddress(open)) : open,
    explain: (signal) =>
      typeof open === "string"
        ? explainBySpeed(serialAddress(open), clock, signal)
        : Promise.resolve(undefined),
    modules: [4],
    hz: 50,
    clock,
    random: Math.random,
    listener: {
      reading: (reading) => readings.push(reading),
      fault: (message, repeated) => faults.push({ message, repeated, atMs: performance.now() }),
      recovered: (identity) => identities.push(identity),
    },
    ...options,
  });
  const running = meter.run(stop.signal);
  return {
    meter,
    readings,
    faults,
    identities,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

// Which light is on which detector at a moment: the bench source and the lasers that are on, or the sweep's laser alone,
// through the fibre and the device under test, and what the detector makes of it.

import type { Environment } from "./context.ts";
import { benchSource, passesDevice, pathGainDb } from "./optics/channels.ts";
import { drift, responsivity, showMw } from "./optics/detector.ts";
import { ringOf, ringTransmission } from "./optics/ring.ts";
import { factorFromDb, mwFromDbm } from "./optics/units.ts";
import { type InstrumentState, moduleWavelengthM } from "./state.ts";
import { settingDbm, sweepLight } from "./sweep.ts";

interface Light {
  readonly wavelengthM: number;
  readonly powerDbm: number;
}

/** Milliwatts that a channel shows at a moment; Infinity for overload. */
export function readPowerMw(
  state: InstrumentState,
  module: number,
  channel: number,
  nowMs: number,
  environment: Environment,
): number {
  const { seed } = state;
  const ring = ringOf(seed, module, channel);
  const device = passesDevice(channel) && state.scan?.type !== "reference";
  const expected = responsivity(moduleWavelengthM(state, module));
  const launchedMw = lights(state, nowMs).reduce((sum, { wavelengthM, powerDbm }) => {
    const passing = device ? ringTransmission(ring, wavelengthM) : 1;
    return sum + mwFromDbm(powerDbm) * passing * responsivity(wavelengthM) / expected;
  }, 0);
  const gainDb = pathGainDb(seed, module, channel) + environment.disturbanceDb(module, channel, nowMs);
  const { averagingMs } = environment;
  return showMw(launchedMw * factorFromDb(gainDb) * drift(seed, module, channel, nowMs), {
    averagingMs,
    keys: [seed, module, channel, Math.floor(nowMs / averagingMs)],
  });
}

function lights(state: InstrumentState, nowMs: number): readonly Light[] {
  if (state.scan !== undefined) {
    const light = sweepLight(state.scan.sweep, nowMs);
    return light === undefined ? [] : [light];
  }
  const lit = state.lasers.filter(({ on }) => on)
    .map(({ wavelengthM, power }) => ({ wavelengthM, powerDbm: settingDbm(power) }));
  return [benchSource, ...lit];
}

// Sweeps in time: planning one from the settings, where its laser is at a moment, and what is left when it is over.

import { ScpiError } from "../../lib/scpi/mod.ts";
import type { Context, Environment } from "./context.ts";
import { channelCount, moduleCount } from "./optics/channels.ts";
import { dbmFromMw } from "./optics/units.ts";
import {
  channelKey,
  type InstrumentState,
  type PowerSetting,
  type Segment,
  type Sweep,
  withEntry,
  withItem,
} from "./state.ts";

const operationCompleteBit = 1;

/** A power setting in dBm. */
export function settingDbm({ value, unit }: PowerSetting): number {
  return unit === "dBm" ? value : dbmFromMw(value);
}

/**
 * The sweep that the settings ask for, beginning now: the lasers in use one after the other, each its range ÷ speed,
 * after the stabilization time.
 * @throws {ScpiError} -221 where no laser is in use, or a range does not go upwards.
 */
export function planSweep({ state, nowMs, environment }: Context): Sweep {
  const used = state.tls.filter(({ laser }) => laser !== 0);
  if (used.length === 0 || used.some(({ startM, stopM }) => stopM <= startM)) throw new ScpiError(-221);
  let fromMs = nowMs + state.stabilization.durationS * 1000;
  const segments = used.map(({ laser, startM, stopM, speedNmps, power }): Segment => {
    const toMs = fromMs + (stopM - startM) * 1e9 / speedNmps * 1000;
    const segment = { laser, startM, stopM, speedNmps, powerDbm: settingDbm(power), fromMs, toMs };
    fromMs = toMs;
    return segment;
  });
  return {
    startedAtMs: nowMs,
    endsAtMs: fromMs,
    startM: Math.min(...used.map(({ startM }) => startM)),
    stopM: Math.max(...used.map(({ stopM }) => stopM)),
    samplingM: state.samplingM,
    segments,
    disturbancesDb: new Map(disturbances(environment, nowMs)),
  };
}

function* disturbances(environment: Environment, nowMs: number): Iterable<[number, number]> {
  for (let module = 1; module <= moduleCount; module++) {
    for (let channel = 1; channel <= channelCount; channel++) {
      const gainDb = environment.disturbanceDb(module, channel, nowMs);
      if (gainDb !== 0) yield [channelKey(module, channel), gainDb];
    }
  }
}

/** The light of a sweep at a moment: its first laser stands at its start while it stabilizes. */
export function sweepLight(
  sweep: Sweep,
  nowMs: number,
): { wavelengthM: number; powerDbm: number } | undefined {
  const segment = sweep.segments.find(({ toMs }) => nowMs < toMs) ?? sweep.segments.at(-1);
  if (segment === undefined) return undefined;
  const { startM, stopM, fromMs, toMs, powerDbm } = segment;
  const part = Math.min(1, Math.max(0, (nowMs - fromMs) / (toMs - fromMs)));
  return { wavelengthM: startM + part * (stopM - startM), powerDbm };
}

/** Brings the state to the present: a scan whose time is over becomes a trace or a reference. */
export function advance(state: InstrumentState, nowMs: number): InstrumentState {
  const { scan } = state;
  if (scan === undefined || nowMs < scan.sweep.endsAtMs) return state;
  const done = endScan(state);
  if (scan.type === "sweep") return { ...done, lastSweep: scan.sweep };
  const key = channelKey(scan.module, scan.channel);
  return { ...done, references: withEntry(done.references, key, scan.sweep) };
}

/** The state with no scan: its lasers stand where it ended, on or off as the settings say, and `*OPC` is answered. */
export function endScan(state: InstrumentState): InstrumentState {
  const lasers = (state.scan?.sweep.segments ?? []).reduce(
    (list, { laser, stopM, powerDbm }) =>
      withItem(list, laser, {
        wavelengthM: stopM,
        power: { value: powerDbm, unit: "dBm" },
        on: state.stabilization.staysOn,
      }),
    state.lasers,
  );
  return {
    ...state,
    lasers,
    scan: undefined,
    completionAsked: false,
    eventStatus: state.completionAsked ? state.eventStatus | operationCompleteBit : state.eventStatus,
  };
}

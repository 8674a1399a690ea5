// How far a sweep is, from what it was asked to do and what the condition register says. Pure: who asks the instrument,
// and when, is the business of watch.ts. The instrument tells no wavelength on its way, so this is a calculation.

import type { SweepProgress } from "../lib/protocol/mod.ts";

/** What a sweep was asked to do. */
export interface SweepPlan {
  readonly startNm: number;
  readonly stopNm: number;
  readonly speedNmPerS: number;
  /** For the laser, before it moves. */
  readonly settleS: number;
}

/** A sweep, under way or over; `idle` before the first one. Times are Unix milliseconds. */
export type SweepTrack =
  | { readonly type: "idle" }
  | {
    readonly type: "running";
    readonly plan: SweepPlan;
    readonly startedAtMs: number;
    readonly abortAsked: boolean;
  }
  | {
    readonly type: "over";
    readonly how: "done" | "aborted" | "failed";
    readonly startedAtMs: number;
    /** The last progress while it ran; a sweep that is done has all of it. */
    readonly percent: number;
    readonly wavelengthNm: number;
  };

type Running = SweepTrack & { readonly type: "running" };

/** Somebody at the front panel may have ended a sweep that is over so much too early. */
const earlyMs = 500;

/** A sweep has begun. */
export function begin(plan: SweepPlan, nowMs: number): SweepTrack {
  return { type: "running", plan, startedAtMs: nowMs, abortAsked: false };
}

/** Somebody asked for its end. */
export function askAbort(track: SweepTrack): SweepTrack {
  return track.type === "running" ? { ...track, abortAsked: true } : track;
}

/** The instrument does not scan any more. */
export function end(track: SweepTrack, nowMs: number): SweepTrack {
  if (track.type !== "running") return track;
  const early = nowMs - track.startedAtMs < durationMs(track.plan) - earlyMs;
  return over(track, track.abortAsked || early ? "aborted" : "done", nowMs);
}

/** The instrument has gone in the middle of it. */
export function lose(track: SweepTrack, nowMs: number): SweepTrack {
  return track.type === "running" ? over(track, "failed", nowMs) : track;
}

/** As it is told. Wavelength and remaining time are calculated from the plan. */
export function progress(track: SweepTrack, nowMs: number): SweepProgress["data"] {
  switch (track.type) {
    case "idle":
      return { state: "idle", wavelength_nm: null, percent: 0, started_at: null, eta_s: null };
    case "running": {
      const part = partDone(track, nowMs);
      const leftMs = Math.max(0, track.startedAtMs + durationMs(track.plan) - nowMs);
      return {
        state: "running",
        wavelength_nm: wavelengthAt(track.plan, part),
        percent: percentOf(part),
        started_at: new Date(track.startedAtMs).toISOString(),
        eta_s: Math.round(leftMs / 100) / 10,
      };
    }
    case "over":
      return {
        state: track.how,
        wavelength_nm: track.wavelengthNm,
        percent: track.percent,
        started_at: new Date(track.startedAtMs).toISOString(),
        eta_s: null,
      };
  }
}

function over(track: Running, how: "done" | "aborted" | "failed", nowMs: number): SweepTrack {
  const part = how === "done" ? 1 : partDone(track, nowMs);
  return {
    type: "over",
    how,
    startedAtMs: track.startedAtMs,
    percent: percentOf(part),
    wavelengthNm: wavelengthAt(track.plan, part),
  };
}

function durationMs({ startNm, stopNm, speedNmPerS, settleS }: SweepPlan): number {
  return 1000 * (settleS + (stopNm - startNm) / speedNmPerS);
}

/** Below 1 as long as the instrument says that it scans. */
function partDone({ plan, startedAtMs }: Running, nowMs: number): number {
  const settleMs = 1000 * plan.settleS;
  const sweepMs = durationMs(plan) - settleMs;
  return Math.min(0.999, Math.max(0, (nowMs - startedAtMs - settleMs) / sweepMs));
}

function wavelengthAt({ startNm, stopNm }: SweepPlan, part: number): number {
  return Math.round((startNm + part * (stopNm - startNm)) * 100) / 100;
}

function percentOf(part: number): number {
  return Math.round(part * 1000) / 10;
}

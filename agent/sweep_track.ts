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
  | Running
  /** The instrument has gone in the middle of it. */
  | { readonly type: "lost"; readonly running: Running; readonly last: Progress }
  | { readonly type: "over"; readonly last: Progress };

interface Running {
  readonly type: "running";
  /** What it was asked to do, and when; null where it was found running. */
  readonly start: { readonly plan: SweepPlan; readonly atMs: number } | null;
  readonly abortAsked: boolean;
}

type Progress = SweepProgress["data"];

const nothing: Progress = { state: "idle", wavelength_nm: null, percent: 0, started_at: null, eta_s: null };

/** Somebody at the front panel may have ended a sweep that is over so much too early. */
const earlyMs = 500;

/** A sweep has begun. */
export function begin(plan: SweepPlan, nowMs: number): SweepTrack {
  return { type: "running", start: { plan, atMs: nowMs }, abortAsked: false };
}

/** The instrument scans, and nobody saw it begin: it goes on with the sweep that was lost, if that can be. */
export function find(track: SweepTrack, nowMs: number): SweepTrack {
  if (track.type === "lost" && leftMs(track.running, nowMs) >= 0) return track.running;
  return { type: "running", start: null, abortAsked: false };
}

/** Somebody asked for its end. */
export function askAbort(track: SweepTrack): SweepTrack {
  return track.type === "running" ? { ...track, abortAsked: true } : track;
}

/** The instrument does not scan any more. */
export function end(track: SweepTrack, nowMs: number): SweepTrack {
  if (track.type === "lost") return { type: "over", last: { ...track.last, state: "failed" } };
  if (track.type !== "running") return track;
  const last = { ...progress(track, nowMs), eta_s: null };
  const early = leftMs(track, nowMs) > earlyMs;
  if (track.abortAsked || early) return { type: "over", last: { ...last, state: "aborted" } };
  const wavelength_nm = track.start && wavelengthAt(track.start.plan, 1);
  return { type: "over", last: { ...last, state: "done", wavelength_nm, percent: 100 } };
}

/** The instrument has gone: what it does is not known. */
export function lose(track: SweepTrack, nowMs: number): SweepTrack {
  if (track.type !== "running") return track;
  return { type: "lost", running: track, last: { ...progress(track, nowMs), state: "unknown", eta_s: null } };
}

/** As it is told. Wavelength and remaining time are calculated from the plan. */
export function progress(track: SweepTrack, nowMs: number): Progress {
  switch (track.type) {
    case "idle":
      return nothing;
    case "running": {
      if (track.start === null) return { ...nothing, state: "running" };
      const { plan, atMs } = track.start;
      const part = partDone(plan, nowMs - atMs);
      return {
        state: "running",
        wavelength_nm: wavelengthAt(plan, part),
        percent: percentOf(part),
        started_at: new Date(atMs).toISOString(),
        eta_s: Math.round(Math.max(0, leftMs(track, nowMs)) / 100) / 10,
      };
    }
    case "lost":
    case "over":
      return track.last;
  }
}

/** By the plan, and below 0 beyond it; 0 where there is none. */
function leftMs({ start }: Running, nowMs: number): number {
  return start === null ? 0 : start.atMs + durationMs(start.plan) - nowMs;
}

function durationMs({ startNm, stopNm, speedNmPerS, settleS }: SweepPlan): number {
  return 1000 * (settleS + (stopNm - startNm) / speedNmPerS);
}

/** Below 1 as long as the instrument says that it scans. */
function partDone(plan: SweepPlan, elapsedMs: number): number {
  const settleMs = 1000 * plan.settleS;
  const sweepMs = durationMs(plan) - settleMs;
  return Math.min(0.999, Math.max(0, (elapsedMs - settleMs) / sweepMs));
}

function wavelengthAt({ startNm, stopNm }: SweepPlan, part: number): number {
  return Math.round((startNm + part * (stopNm - startNm)) * 100) / 100;
}

function percentOf(part: number): number {
  return Math.round(part * 1000) / 10;
}

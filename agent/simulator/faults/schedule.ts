// When a fault is there: pure functions from its plan and the time to the episode under way.

import { type Fault, kinds } from "./fault.ts";

/** A stretch of time in which a fault is there. */
export interface Episode {
  readonly fromMs: number;
  /** Infinity where nothing but a command ends it. */
  readonly toMs: number;
}

/** How long one episode of a fault lasts. */
export function durationMs({ kind, when }: Fault): number {
  const asked = "durationS" in when ? when.durationS : undefined;
  return 1000 * (asked ?? kinds[kind].durationS);
}

/**
 * The episode of a fault at a moment, or `undefined`. `drawn` is the last one that chance, or "once", has begun. What
 * comes "every 10" is there for the first time after 10 s.
 */
export function episodeAt(fault: Fault, drawn: Episode | undefined, nowMs: number): Episode | undefined {
  const planned = plannedEpisode(fault, drawn, nowMs);
  return planned !== undefined && nowMs >= planned.fromMs && nowMs < planned.toMs ? planned : undefined;
}

/** The next moment after `nowMs` at which a fault begins or ends by itself; Infinity where there is none. */
export function nextChangeMs(fault: Fault, drawn: Episode | undefined, nowMs: number): number {
  const edges = plannedEpisode(fault, drawn, nowMs) ?? { fromMs: Infinity, toMs: Infinity };
  if (edges.fromMs > nowMs) return edges.fromMs;
  if (edges.toMs > nowMs) return edges.toMs;
  return fault.when.type === "every" ? edges.fromMs + fault.when.periodS * 1000 : Infinity;
}

function plannedEpisode(fault: Fault, drawn: Episode | undefined, nowMs: number): Episode | undefined {
  const { when, sinceMs } = fault;
  switch (when.type) {
    case "on":
      return { fromMs: sinceMs, toMs: Infinity };
    case "for":
      return { fromMs: sinceMs, toMs: sinceMs + when.durationS * 1000 };
    case "every": {
      const periodMs = when.periodS * 1000;
      const round = Math.max(1, Math.floor((nowMs - sinceMs) / periodMs));
      const fromMs = sinceMs + round * periodMs;
      // What disturbs one reply at a time, and has no duration, is there for a tenth of a second.
      return { fromMs, toMs: fromMs + (durationMs(fault) || 100) };
    }
    case "once":
    case "random":
      return drawn;
  }
}

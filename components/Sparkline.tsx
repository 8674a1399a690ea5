// The last minute of a channel as a small plot: its shape for the eye, its least and greatest power in words for everybody.

import type { Data } from "../lib/protocol/mod.ts";
import { formatPower } from "./format.ts";
import { extent, type Trace, tracePath } from "./trace.ts";

const width = 240;
const height = 48;

export interface SparklineProps {
  readonly trace: Trace;
  readonly unit: Data["unit"];
  /** The time of the right edge, Unix milliseconds. */
  readonly nowMs: number;
}

export function Sparkline({ trace, unit, nowMs }: SparklineProps) {
  const { low, high } = extent(trace);
  return (
    <>
      <svg class="sparkline" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        <path d={tracePath(trace, nowMs, width, height)} />
      </svg>
      <dl>
        <div>
          <dt>Least in 60 s:</dt> <dd>{trace.length > 0 ? formatPower(low, unit) : "none"}</dd>
        </div>
        <div>
          <dt>greatest:</dt> <dd>{trace.length > 0 ? formatPower(high, unit) : "none"}</dd>
        </div>
      </dl>
    </>
  );
}

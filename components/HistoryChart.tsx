// A stretch of a module's history as the server draws it: complete without JavaScript, and what is seen before a plot is
// opened. Labels are text of the page, so that they keep their size on any screen.

import { channels } from "../lib/protocol/browser.ts";
import type { Envelope, EnvelopeTrace, Gap } from "../lib/protocol/mod.ts";
import { formatDbm } from "./format.ts";
import { GapList } from "./GapList.tsx";
import { causeOf, extremes, formatTime, inUnit, type Unit } from "./series.ts";

const width = 1000;
const height = 120;
/** A channel that hardly moves is not blown up: least height of a plot. */
const leastSpanDb = 0.05;

export interface HistoryChartProps {
  readonly envelope: Envelope;
  readonly unit: Unit;
}

export function HistoryChart({ envelope, unit }: HistoryChartProps) {
  const { from, to, gaps } = envelope;
  const x = (time: number) => width * Math.min(1, Math.max(0, (time - from) / (to - from)));
  return (
    <div class="charts">
      {channels.map((channel) => {
        const bounds = extremes(envelope[channel]);
        const drawn = bounds && pathsOf(envelope, envelope[channel], bounds, unit);
        return (
          <figure class="chart" key={channel}>
            <figcaption>
              <h3>Channel {channel.slice(2)}</h3>
              <p class="quiet">
                {bounds
                  ? `${formatDbm(bounds.low, unit)} to ${formatDbm(bounds.high, unit)} ${unit}`
                  : "no number in this stretch"}
              </p>
            </figcaption>
            <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
              <defs>
                <pattern id={`hatch-${channel}`} width="8" height="8" patternUnits="userSpaceOnUse">
                  <path class="hatch-line" d="M-2 2l4-4M0 8l8-8M6 10l4-4" />
                </pattern>
              </defs>
              {gaps.map((gap) => (
                <rect
                  key={gap.from}
                  x={x(gap.from).toFixed(1)}
                  y="0"
                  width={Math.max(1, x(gap.to) - x(gap.from)).toFixed(1)}
                  height={height}
                  fill={`url(#hatch-${channel})`}
                >
                  <title>{causeOf(gap)}</title>
                </rect>
              ))}
              {drawn && <path class="band" d={drawn.band} />}
              {drawn && <path class="line" d={drawn.line} />}
            </svg>
          </figure>
        );
      })}
      <p class="times quiet">
        <span>{formatTime(from, to - from)}</span>
        <span>{formatTime((from + to) / 2, to - from)}</span>
        <span>{formatTime(to, to - from)}</span>
      </p>
      <GapList gaps={gaps} rangeS={to - from} />
    </div>
  );
}

/** The area between the extremes and the line of the last powers, both open where there is a gap. */
function pathsOf(
  { time, from, to, gaps }: Envelope,
  trace: EnvelopeTrace,
  { low, high }: { readonly low: number; readonly high: number },
  unit: Unit,
): { readonly band: string; readonly line: string } {
  const [bottom, top] = [inUnit(low, unit), inUnit(high, unit)];
  const span = Math.max(top - bottom, unit === "dBm" ? leastSpanDb : top * leastSpanDb / 4);
  const middle = (bottom + top) / 2;
  const x = (at: number) => (width * (at - from) / (to - from)).toFixed(1);
  const y = (dbm: number) => (height * (0.5 - 0.9 * (inUnit(dbm, unit) - middle) / span)).toFixed(1);
  let [line, band] = ["", ""];
  for (const run of runsOf(time, trace, gaps)) {
    line += `M${run.map(({ at, last }) => `${x(at)} ${y(last)}`).join("L")}`;
    const upper = run.map(({ at, max }) => `${x(at)} ${y(max)}`);
    const lower = run.toReversed().map(({ at, min }) => `${x(at)} ${y(min)}`);
    band += `M${[...upper, ...lower].join("L")}z`;
  }
  return { line, band };
}

interface Point {
  readonly at: number;
  readonly min: number;
  readonly max: number;
  readonly last: number;
}

function runsOf(time: readonly number[], { min, max, last }: EnvelopeTrace, gaps: readonly Gap[]): Point[][] {
  const runs: Point[][] = [];
  let before: number | null = null;
  for (const [index, at] of time.entries()) {
    const [least, greatest] = [min[index] ?? null, max[index] ?? null];
    if (least === null || greatest === null) {
      before = null;
      continue;
    }
    const start = before;
    if (start === null || gaps.some((gap) => gap.from >= start && gap.from < at)) runs.push([]);
    runs.at(-1)?.push({ at, min: least, max: greatest, last: last[index] ?? greatest });
    before = at;
  }
  return runs;
}

// One channel: its power, how old it is, and its last minute. The server renders it once, the island again and again.

import type { Channel } from "../lib/protocol/browser.ts";
import type { Data } from "../lib/protocol/mod.ts";
import { formatAge, formatFlag, formatPower } from "./format.ts";
import { extent, type Trace, tracePath } from "./trace.ts";

const plotWidth = 240;
const plotHeight = 48;

export interface ChannelCardProps {
  readonly channel: Channel;
  /** The module's newest reading. */
  readonly reading: Data;
  /** Changes between 0 and 1 with each reading, which restarts the animation that greys the number. */
  readonly beat: 0 | 1;
  readonly trace: Trace;
  /** Unix milliseconds by the clock that readings are stamped with. */
  readonly nowMs: number;
}

export function ChannelCard({ channel, reading, beat, trace, nowMs }: ChannelCardProps) {
  const { unit, timestamp } = reading;
  const power = reading[`${channel}_power`];
  const { low, high } = extent(trace);
  return (
    <li class="channel" data-beat={beat}>
      <h3>Channel {channel.slice(2)}</h3>
      <p class="power">
        {power === null ? <span class="words">{formatFlag(reading.flags?.[channel])}</span> : (
          <>
            <span class="number">{formatPower(power, unit)}</span>
            <span class="unit">{unit}</span>
          </>
        )}
      </p>
      <svg
        class="sparkline"
        viewBox={`0 0 ${plotWidth} ${plotHeight}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <path d={tracePath(trace, nowMs, plotWidth, plotHeight)} />
      </svg>
      <p class="facts">
        <span class="age">{formatAge(nowMs - timestamp * 1000)}</span>
        {trace.length > 0 && <span>60 s: {formatPower(low, unit)} to {formatPower(high, unit)}</span>}
      </p>
    </li>
  );
}

// One channel: its power, how old it is, and its last minute. The server renders it once, the island again and again.

import { Component } from "preact";
import type { Channel } from "../lib/protocol/browser.ts";
import type { Data } from "../lib/protocol/mod.ts";
import { formatAge, formatDbm, formatFlag, formatPower } from "./format.ts";
import { columnOf, extent, lastMinute, type Trace, traceBox, tracePath } from "./trace.ts";

export interface ChannelCardProps {
  readonly channel: Channel;
  /** The module's newest reading. */
  readonly reading: Data;
  readonly trace: Trace;
  /** Unix milliseconds by the clock that readings are stamped with. */
  readonly nowMs: number;
}

export function ChannelCard({ channel, reading, trace, nowMs }: ChannelCardProps) {
  const { unit, timestamp } = reading;
  const power = reading[`${channel}_power`];
  return (
    <li class="channel">
      <h3>Channel {channel.slice(2)}</h3>
      <p class="power">
        {power === null ? <span class="words">{formatFlag(reading.flags?.[channel])}</span> : (
          <>
            <span class="number">{formatPower(power, unit)}</span>
            <span class="unit">{unit}</span>
          </>
        )}
      </p>
      <LastMinute unit={unit} timestamp={timestamp} trace={trace} nowMs={nowMs} />
    </li>
  );
}

interface LastMinuteProps
  extends Pick<Data, "unit" | "timestamp">, Pick<ChannelCardProps, "trace" | "nowMs"> {}

/** What need not follow every reading is drawn when the clock has moved. */
class LastMinute extends Component<LastMinuteProps> {
  override shouldComponentUpdate({ nowMs }: LastMinuteProps) {
    return nowMs !== this.props.nowMs;
  }

  override render({ unit, timestamp, trace, nowMs }: LastMinuteProps) {
    const newest = columnOf(nowMs);
    const minute = lastMinute(trace, newest);
    const [low, high] = extent(minute);
    return (
      <>
        <svg
          class="sparkline"
          viewBox={minute[0] && traceBox(low, high)}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          <path d={tracePath(minute, newest)} />
        </svg>
        <p class="facts">
          <span class="age">{formatAge(nowMs - timestamp * 1000)}</span>
          {minute[0] && <span>60 s: {formatDbm(low, unit)} to {formatDbm(high, unit)}</span>}
        </p>
      </>
    );
  }
}

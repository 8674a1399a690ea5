// One channel: its power, how old it is, and its last minute. The server renders it once, the island again and again.

import type { Data } from "../lib/protocol/mod.ts";
import type { Channel } from "../lib/protocol/browser.ts";
import { formatAge, formatFlag, formatPower } from "./format.ts";
import { Sparkline } from "./Sparkline.tsx";
import type { Trace } from "./trace.ts";

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
  const power = reading[`${channel}_power`];
  return (
    <li class="channel" data-channel={channel} data-beat={beat}>
      <h3>Channel {channel.slice(2)}</h3>
      <p class="power">
        {power === null ? <span class="words">{formatFlag(reading.flags?.[channel])}</span> : (
          <>
            <span class="number">{formatPower(power, reading.unit)}</span>
            <span class="unit">{reading.unit}</span>
          </>
        )}
      </p>
      <Sparkline trace={trace} unit={reading.unit} nowMs={nowMs} />
      <p class="age quiet">
        <time dateTime={new Date(reading.timestamp * 1000).toISOString()}>
          {formatAge(nowMs - reading.timestamp * 1000)}
        </time>
      </p>
    </li>
  );
}

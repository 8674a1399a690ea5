// What a page knows of one module when the server renders it, in a form that travels to the island which goes on from there.

import { channels } from "../lib/protocol/browser.ts";
import type { Data, Fault } from "../lib/protocol/mod.ts";
import { inDbm } from "./series.ts";
import { type Trace, withPower } from "./trace.ts";

/** One module at the time of rendering. */
export interface Panel {
  readonly module: number;
  /** The bench that it stands on; null while no agent has announced it. */
  readonly station: string | null;
  /** The newest reading; null while there is none. */
  readonly newest: Data | null;
  readonly fault: Fault | null;
  /** Everything up to here is in `traces`; what comes after it is asked for. */
  readonly cursor: string | null;
  /** The last minute of each channel. */
  readonly traces: readonly Trace[];
  /** Unix milliseconds by the server's clock. */
  readonly renderedAtMs: number;
}

/** The traces with one more reading in each. */
export function withReading(traces: readonly Trace[], reading: Data): readonly Trace[] {
  return channels.map((channel, index) => {
    const trace = traces[index] ?? [];
    const power = inDbm(reading[`${channel}_power`], reading.unit);
    return power === null ? trace : withPower(trace, reading.timestamp * 1000, power);
  });
}

/** The panel of a module: `recent` are its readings of the last minute, oldest first. */
export function panelOf(
  state: Omit<Panel, "traces" | "renderedAtMs">,
  recent: readonly Data[],
  renderedAtMs: number,
): Panel {
  return { ...state, traces: recent.reduce(withReading, []), renderedAtMs };
}

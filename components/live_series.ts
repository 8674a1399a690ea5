// A plot's series while it is live: what the server had, what the page's feed brings, and the gap that lasts. Not here: how
// it is drawn (plot.ts), and where readings come from.

import { parseCursor } from "../lib/protocol/browser.ts";
import type { Data, Envelope, Fault } from "../lib/protocol/mod.ts";
import type { PlotView } from "./plot.ts";
import { addReading, dropBefore, type PlotGap, type Series, seriesOf, type Unit } from "./series.ts";

const silentS = 3;
const nothing: Series = { columnS: 1, time: [], traces: [], gaps: [], newestS: 0 };

/** The series of one module. */
export class LiveSeries {
  #series: Series = nothing;
  /** Readings that came while an envelope was under way; null: none is. */
  #waiting: Data[] | null = null;
  /** What was wrong last: it names the gap that the next reading ends. */
  #fault: Fault | null = null;
  readonly #clock: () => number;
  readonly #currentFault: () => Fault | null;

  /** `clock`: Unix seconds as the server has them. `currentFault`: what is wrong now. */
  constructor(clock: () => number, currentFault: () => Fault | null) {
    this.#clock = clock;
    this.#currentFault = currentFault;
  }

  /** Seconds of a column. */
  get columnS(): number {
    return this.#series.columnS;
  }

  /** Unix seconds at the right edge. */
  nowS(): number {
    return Math.max(this.#clock(), this.#series.newestS);
  }

  /** An envelope is asked for: readings are kept until it is here. */
  await(): void {
    this.#waiting = [];
  }

  /** The envelope is here; null: it will not come. */
  begin(envelope: Envelope | null): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    if (envelope === null) return;
    this.#series = seriesOf(envelope);
    for (const reading of waiting) if (isAfter(reading.cursor, envelope.cursor)) this.#add(reading);
  }

  /** Takes in what the feed brings. */
  take(readings: readonly Data[]): void {
    this.#waiting?.push(...readings);
    if (this.#series !== nothing) { for (const reading of readings) this.#add(reading); }
  }

  /** The newest `rangeS` seconds; what is older is forgotten. */
  view(rangeS: number, unit: Unit): PlotView {
    const to = this.nowS();
    const from = to - rangeS;
    dropBefore(this.#series, from);
    return { series: this.#series, gaps: this.#gaps(to), unit, from, to };
  }

  #add(reading: Data): void {
    addReading(this.#series, reading, this.#fault?.source ?? "unknown", this.#fault?.message ?? "");
  }

  #gaps(nowS: number): readonly PlotGap[] {
    const { gaps, newestS } = this.#series;
    const silent = newestS > 0 && nowS - newestS > silentS;
    this.#fault = this.#currentFault() ?? (silent ? this.#fault : null);
    if (!silent) return gaps;
    // while it lasts, and nobody says what is wrong, it may be this browser alone that gets nothing
    const { source = "awaited", message = "" } = this.#fault ?? {};
    return [...gaps, { from: newestS, to: nowS, reason: source, message }];
  }
}

function isAfter(cursor: string, base: string | null): boolean {
  const [reading, from] = [parseCursor(cursor), base === null ? null : parseCursor(base)];
  return from === null || reading === null || reading.epoch !== from.epoch || reading.seq > from.seq;
}

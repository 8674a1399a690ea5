// A module's history: what the server drew, until somebody opens the live plot; then uplot, fed by the page's feed at its
// right edge. uplot is loaded at that moment and not before.

import { Component, type ComponentChildren } from "preact";
import { formatPower } from "../../components/format.ts";
import { GapList } from "../../components/GapList.tsx";
import { createPlot, formatPoint, type Plot, type PlotView } from "../../components/plot.ts";
import {
  addReading,
  dropBefore,
  exportAddress,
  extremes,
  formatTime,
  inUnit,
  rangeNamed,
  ranges,
  type Series,
  seriesOf,
  type Unit,
} from "../../components/series.ts";
import { channels, parseCursor } from "../../lib/protocol/browser.ts";
import type { Data, Envelope, Gap } from "../../lib/protocol/mod.ts";
import { type Feed, pageFeed } from "../../lib/socket/mod.ts";

const columns = 800;
const plotHeight = 180;
const silentS = 3;

interface Props {
  readonly module: number;
  readonly range: string;
  readonly unit: Unit;
  readonly cursor: string | null;
  readonly renderedAtMs: number;
  /** What the server drew. */
  readonly children?: ComponentChildren;
}

interface State {
  readonly range: string;
  readonly unit: Unit;
  readonly plot: "closed" | "loading" | "open" | "failed";
  readonly gaps: readonly Gap[];
  /** What the reading line says. */
  readonly point: string;
  /** What each channel has been between, in words. */
  readonly bounds: readonly string[];
}

export default class HistoryPlot extends Component<Props, State> {
  override state: State = {
    range: this.props.range,
    unit: this.props.unit,
    plot: "closed",
    gaps: [],
    point: "",
    bounds: [],
  };
  readonly #places: HTMLElement[] = [];
  #plots: readonly Plot[] = [];
  #series: Series | null = null;
  /** Readings that came while the envelope was fetched. */
  #waiting: Data[] | null = null;
  #feed: Feed | null = null;
  /** The server's clock less this page's `performance.now()`. */
  #aheadMs = 0;
  #index: number | null = null;
  #alive = false;
  /** Names the newest opening: what an older one still brings is not shown. */
  #opening = 0;

  override componentDidMount() {
    const { module, cursor, renderedAtMs } = this.props;
    this.#aheadMs = renderedAtMs - performance.now();
    this.#feed = pageFeed({ module, since: cursor, intervalSeconds: 0.01 });
    this.#feed.onReadings((readings) => this.#take(readings));
    this.#alive = true;
    this.forceUpdate();
    const slow = matchMedia("(prefers-reduced-motion: reduce)").matches;
    let drawnAtMs = 0;
    const frame = (nowMs: number) => {
      // a column is not drawn more often than it is wide
      const everyMs = slow ? 5000 : Math.min(1000, Math.max(200, (this.#series?.columnS ?? 0) * 1000));
      if (this.#plots.length > 0 && nowMs - drawnAtMs >= everyMs) {
        drawnAtMs = nowMs;
        this.#draw();
      }
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    setInterval(() => this.#describe(), slow ? 5000 : 1000);
  }

  /** Takes in what the page's feed brings. */
  #take(readings: readonly Data[]): void {
    if (this.#waiting) this.#waiting.push(...readings);
    if (this.#series) { for (const reading of readings) this.#add(this.#series, reading); }
  }

  #add(series: Series, reading: Data): void {
    // by the time of its arrival the fault is over
    const { source, message } = this.#lastFault ?? {};
    addReading(series, reading, source ?? "unknown", message ?? "");
  }

  /** What was wrong last: it names the gap that the next reading ends. */
  #lastFault: { readonly source: "instrument" | "agent" | "relay"; readonly message: string } | null = null;

  #nowS(): number {
    return Math.max((performance.now() + this.#aheadMs) / 1000, this.#series?.newestS ?? 0);
  }

  #view(): PlotView {
    const series = this.#series ?? { columnS: 1, time: [], traces: [], gaps: [], newestS: 0 };
    const to = this.#nowS();
    const from = to - rangeNamed(this.state.range).seconds;
    return { series, gaps: this.#gaps(series, to), unit: this.state.unit, from, to };
  }

  /** With the gap that lasts, if nothing comes. */
  #gaps(series: Series, nowS: number): readonly Gap[] {
    this.#lastFault = this.#feed?.fault.peek() ?? (nowS - series.newestS < silentS ? null : this.#lastFault);
    if (series.newestS === 0 || nowS - series.newestS < silentS) return series.gaps;
    const { source = "unknown", message = "" } = this.#lastFault ?? {};
    return [...series.gaps, { from: series.newestS, to: nowS, reason: source, message }];
  }

  #draw(): void {
    for (const plot of this.#plots) plot.draw();
    if (this.#index !== null) this.#point(this.#index);
  }

  /** What stands beside the plots in words; once a second. */
  #describe(): void {
    const { series, gaps, unit, from } = this.#view();
    if (this.#plots.length === 0) return;
    // here, because nothing is drawn in a hidden tab
    dropBefore(series, from);
    const write = (dbm: number) => formatPower(inUnit(dbm, unit) ?? 0, unit);
    const bounds = series.traces.map((trace) => {
      const found = extremes(trace);
      return found ? `${write(found.low)} to ${write(found.high)} ${unit}` : "no number in this stretch";
    });
    this.setState({ gaps, bounds });
  }

  async #open(range: string, unit: Unit): Promise<void> {
    const mine = ++this.#opening;
    const { module } = this.props;
    this.setState({ range, unit, plot: this.#plots.length > 0 ? "open" : "loading" });
    globalThis.history.replaceState(null, "", address(range, unit));
    this.#waiting = [];
    try {
      const to = this.#nowS();
      const from = to - rangeNamed(range).seconds;
      const query = `module=${module}&from=${from.toFixed(3)}&to=${to.toFixed(3)}&columns=${columns}`;
      const [{ default: uplot }, answer] = await Promise.all([
        import("uplot"),
        fetch(`/api/v1/history?${query}`, { cache: "no-store" }),
      ]);
      if (!answer.ok) throw new Error(`the relay answered ${answer.status}`);
      // the relay's own answer, in the shape that its schema has
      const envelope: Envelope = await answer.json();
      if (mine !== this.#opening) return;
      this.#series = seriesOf(envelope);
      for (const reading of this.#waiting) {
        if (isAfter(reading.cursor, envelope.cursor)) this.#add(this.#series, reading);
      }
      this.#waiting = null;
      if (this.#plots.length === 0) {
        this.setState({ plot: "open" }, () => {
          this.#plots = channels.flatMap((_, channel) => {
            const place = this.#places[channel];
            if (place === undefined) return [];
            return [createPlot({
              ...{ uplot, place, channel, height: plotHeight, group: "history" },
              view: () => this.#view(),
              onPoint: (index) => this.#say(index),
            })];
          });
          this.#describe();
        });
      } else {
        this.#draw();
        this.#describe();
      }
    } catch (error) {
      console.warn(`Cannot open the plot: ${error}`);
      if (mine !== this.#opening) return;
      this.#waiting = null;
      this.setState({ plot: "failed" });
    }
  }

  /** The reading line, by keyboard. */
  #point(index: number): void {
    for (const plot of this.#plots) plot.point(index);
  }

  #say(index: number | null): void {
    const { unit } = this.state;
    const view = this.#view();
    const time = index === null ? undefined : timesOf(view)[index];
    const at = time === undefined ? -1 : view.series.time.indexOf(time);
    const words = channels.map((_, channel) => formatPoint(view.series, channel, at, unit)).join(", ");
    const point = time === undefined || at < 0 ? "" : `${formatTime(time, 0)}: ${words}`;
    if (point !== this.state.point) this.setState({ point });
  }

  #keys = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
    if (event.key === "Escape") this.#index = null;
    if (step === undefined) return;
    event.preventDefault();
    const last = timesOf(this.#view()).length - 1;
    this.#index = Math.min(last, Math.max(0, (this.#index ?? last) + step));
    this.#point(this.#index);
  };

  override render({ module, children }: Props, { range, unit, plot, gaps, point, bounds }: State) {
    const { seconds, words } = rangeNamed(range);
    const choose = (nextRange: string, nextUnit: Unit) => (event: Event) => {
      event.preventDefault();
      void this.#open(nextRange, nextUnit);
    };
    return (
      <>
        <div class="choices">
          <nav aria-label="Range">
            {ranges.map(({ name, words }) => (
              <a
                key={name}
                href={address(name, unit)}
                aria-current={name === range}
                onClick={choose(name, unit)}
              >
                {words}
              </a>
            ))}
          </nav>
          <nav aria-label="Unit">
            {(["dBm", "mW"] as const).map((name) => (
              <a
                key={name}
                href={address(range, name)}
                aria-current={name === unit}
                onClick={choose(range, name)}
              >
                {name}
              </a>
            ))}
          </nav>
          {this.#alive && (plot === "closed" || plot === "failed") && (
            <button type="button" onClick={choose(range, unit)}>Open the live plot</button>
          )}
          <a
            href={exportAddress(
              module,
              this.props.renderedAtMs / 1000 - seconds,
              this.props.renderedAtMs / 1000,
            )}
            onClick={(event) => {
              const to = this.#nowS();
              event.currentTarget.href = exportAddress(module, to - seconds, to);
            }}
          >
            Export {words} as CSV
          </a>
        </div>
        <p role="status" class="quiet plot-state">
          {plot === "loading" && "The plot is being loaded."}
          {plot === "failed" && "The plot could not be loaded; the relay may be away. Try again."}
          {plot === "open" &&
            (point || "Point at a plot, or use the arrow keys on it, to read single values.")}
        </p>
        {plot === "open" || this.#plots.length > 0
          ? (
            <div class="charts" role="group" tabIndex={0} aria-label="Live plots" onKeyDown={this.#keys}>
              {channels.map((channel, index) => (
                <figure class="chart" key={channel}>
                  <figcaption>
                    <h3>Channel {channel.slice(2)}</h3>
                    <p class="quiet">{bounds[index]}</p>
                  </figcaption>
                  <div
                    class="plot"
                    aria-hidden="true"
                    ref={(place) => {
                      if (place) this.#places[index] = place;
                    }}
                  />
                </figure>
              ))}
              <GapList gaps={gaps} rangeS={seconds} />
            </div>
          )
          : children}
      </>
    );
  }
}

function address(range: string, unit: Unit): string {
  return `?range=${range}&unit=${unit}`;
}

/** The times that the plots have: those of their columns, and one in each gap. */
function timesOf({ series, gaps }: PlotView): readonly number[] {
  const times: number[] = [];
  let nextGap = 0;
  for (const time of series.time) {
    for (let gap = gaps[nextGap]; gap && gap.from < time; gap = gaps[++nextGap]) times.push(NaN);
    times.push(time);
  }
  return times;
}

function isAfter(cursor: string, base: string | null): boolean {
  const [reading, from] = [parseCursor(cursor), base === null ? null : parseCursor(base)];
  return from === null || reading === null || reading.epoch !== from.epoch || reading.seq > from.seq;
}

// The live plot of a module's history, which takes the place of what the server drew when somebody opens it: uplot, fed by the
// page's feed at its right edge. uplot is loaded at that moment and not before.

import { Component } from "preact";
import { readingClock } from "../components/clock.ts";
import { formatDbm } from "../components/format.ts";
import { GapList } from "../components/GapList.tsx";
import { LiveSeries } from "../components/live_series.ts";
import { loadUplot } from "../components/load_uplot.ts";
import { createPlot, formatPoint, type Plot, plotData, type PlotView } from "../components/plot.ts";
import { plotAddress, PlotChoices, stillId } from "../components/PlotChoices.tsx";
import { exportAddress, extremes, formatTime, rangeNamed, type Unit } from "../components/series.ts";
import { channels } from "../lib/protocol/browser.ts";
import type { Envelope, Gap } from "../lib/protocol/mod.ts";
import { pageFeed } from "../lib/socket/mod.ts";

const columns = 800;
const plotHeight = 180;
/** Keys that move the reading line, in columns. */
const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 };

interface Props {
  readonly module: number;
  readonly range: string;
  readonly unit: Unit;
  readonly cursor: string | null;
  readonly renderedAtMs: number;
}

interface State {
  readonly range: string;
  readonly unit: Unit;
  /** `still`: there is no script, or none yet. */
  readonly plot: "still" | "closed" | "loading" | "open" | "failed";
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
    plot: "still",
    gaps: [],
    point: "",
    bounds: [],
  };
  readonly #places: HTMLElement[] = [];
  #plots: readonly Plot[] = [];
  #series = new LiveSeries(() => this.props.renderedAtMs / 1000, () => null);
  /** The column that the reading line was put on by keyboard. */
  #index: number | null = null;
  /** Names the newest opening: what an older one still brings is not shown. */
  #opening = 0;

  override componentDidMount() {
    const { module, cursor, renderedAtMs } = this.props;
    const clock = readingClock(renderedAtMs);
    const feed = pageFeed({ module, since: cursor, intervalSeconds: 0.01 });
    this.#series = new LiveSeries(() => clock.now() / 1000, () => feed.fault.peek());
    feed.onReadings((readings) => {
      clock.hear(readings);
      this.#series.take(readings);
    });
    this.setState({ plot: "closed" });
    // a hidden tab has no frames, and forgets what is old all the same
    setInterval(() => this.#describe(), this.#slow ? 5000 : 1000);
  }

  get #slow(): boolean {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  /** Draws from now on. A column is not drawn more often than it is wide; between two drawings nothing runs. */
  #follow(): void {
    const everyMs = this.#slow ? 5000 : Math.min(1000, Math.max(200, this.#series.columnS * 1000));
    setTimeout(() =>
      requestAnimationFrame(() => {
        this.#draw();
        this.#follow();
      }), everyMs);
  }

  #view(): PlotView {
    return this.#series.view(rangeNamed(this.state.range).seconds, this.state.unit);
  }

  #draw(): void {
    for (const plot of this.#plots) {
      plot.draw();
      if (this.#index !== null) plot.point(this.#index);
    }
  }

  /** What stands beside the plots in words. */
  #describe(): void {
    if (this.#plots.length === 0) return;
    const { series, gaps, unit } = this.#view();
    const bounds = series.traces.map((trace) => {
      const found = extremes(trace);
      return found
        ? `${formatDbm(found.low, unit)} to ${formatDbm(found.high, unit)} ${unit}`
        : "no number in this stretch";
    });
    this.setState({ gaps, bounds });
  }

  async #open(range: string, unit: Unit): Promise<void> {
    const mine = ++this.#opening;
    const { module } = this.props;
    this.setState({ range, unit, plot: this.#plots.length > 0 ? "open" : "loading" });
    history.replaceState(null, "", plotAddress(range, unit));
    this.#series.await();
    try {
      const to = this.#series.nowS();
      const from = to - rangeNamed(range).seconds;
      const query = `module=${module}&from=${from.toFixed(3)}&to=${to.toFixed(3)}&columns=${columns}`;
      const [uplot, answer] = await Promise.all([
        loadUplot(),
        fetch(`/api/v1/history?${query}`, { cache: "no-store" }),
      ]);
      if (!answer.ok) throw new Error(`the relay answered ${answer.status}`);
      // the relay's own answer, in the shape that its schema has
      const envelope: Envelope = await answer.json();
      if (mine !== this.#opening) return;
      this.#series.begin(envelope);
      this.setState({ plot: "open" }, () => {
        if (this.#plots.length === 0) {
          document.getElementById(stillId)?.remove();
          this.#plots = this.#makePlots(uplot);
          this.#follow();
        }
        this.#draw();
        this.#describe();
      });
    } catch (error) {
      console.warn(`Cannot open the plot: ${error}`);
      if (mine !== this.#opening) return;
      this.#series.begin(null);
      this.setState({ plot: "failed" });
    }
  }

  #makePlots(uplot: Awaited<ReturnType<typeof loadUplot>>): readonly Plot[] {
    return this.#places.map((place, channel) =>
      createPlot({
        ...{ uplot, place, channel, height: plotHeight, group: "history" },
        view: () => this.#view(),
        onPoint: (index) => this.#say(index),
      })
    );
  }

  /** Says the values under the reading line. */
  #say(index: number | null): void {
    const view = this.#view();
    const time = index === null ? undefined : plotData(view, 0)[0][index];
    const at = time === undefined ? -1 : view.series.time.indexOf(time);
    const words = channels.map((_, channel) => formatPoint(view.series, channel, at, view.unit)).join(", ");
    const point = time === undefined || at < 0 ? "" : `${formatTime(time, 0)}: ${words}`;
    if (point !== this.state.point) this.setState({ point });
  }

  #keys = (event: KeyboardEvent): void => {
    const step = steps[event.key];
    if (event.key === "Escape") this.#index = null;
    if (step === undefined) return;
    event.preventDefault();
    const last = plotData(this.#view(), 0)[0].length - 1;
    this.#index = Math.min(last, Math.max(0, (this.#index ?? last) + step));
    for (const plot of this.#plots) plot.point(this.#index);
  };

  override render(
    { module, renderedAtMs }: Props,
    { range, unit, plot, gaps, point, bounds }: State,
  ) {
    const { seconds, words } = rangeNamed(range);
    const choose = (nextRange: string, nextUnit: Unit) => (event: Event) => {
      event.preventDefault();
      void this.#open(nextRange, nextUnit);
    };
    return (
      <>
        <div class="choices">
          <PlotChoices range={range} unit={unit} choose={choose} />
          {(plot === "closed" || plot === "failed") && (
            <button type="button" onClick={choose(range, unit)}>Open the live plot</button>
          )}
          <a
            href={exportAddress(module, renderedAtMs / 1000 - seconds, renderedAtMs / 1000)}
            onClick={(event) => {
              const to = this.#series.nowS();
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
        {(plot === "open" || this.#plots.length > 0) &&
          (
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
          )}
      </>
    );
  }
}

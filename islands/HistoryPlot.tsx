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
import {
  exportAddress,
  extremes,
  formatTime,
  type PlotGap,
  rangeNamed,
  type Unit,
} from "../components/series.ts";
import { channels } from "../lib/protocol/browser.ts";
import type { Envelope } from "../lib/protocol/mod.ts";
import { pageFeed } from "../lib/socket/mod.ts";

const columns = 800;
const plotHeight = 180;
/** Keys that move the reading line, in columns. */
const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 };

const hint = "Point at a plot, or use the arrow keys on it, to read single values.";
const outcomes: Readonly<Record<State["choice"], string>> = {
  taken: "",
  loading: "The plot is being loaded.",
  failed: "The plot could not be loaded; the relay may be away. Try again.",
  lost: "The plot's script could not be loaded. Load the page again.",
};

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
  readonly plot: "still" | "closed" | "open";
  /** What became of the last choice; `lost`: a browser asks only once for a script, so only a new page helps. */
  readonly choice: "taken" | "loading" | "failed" | "lost";
  readonly gaps: readonly PlotGap[];
  /** What the reading line says. */
  readonly point: string;
  /** The same where a key has moved it: only that is announced. */
  readonly said: string;
  /** What each channel has been between, in words. */
  readonly bounds: readonly string[];
}

export default class HistoryPlot extends Component<Props, State> {
  override state: State = {
    range: this.props.range,
    unit: this.props.unit,
    plot: "still",
    choice: "taken",
    gaps: [],
    point: "",
    said: "",
    bounds: [],
  };
  readonly #places: HTMLElement[] = [];
  #plots: readonly Plot[] = [];
  #series = new LiveSeries(() => this.props.renderedAtMs / 1000, () => null);
  #group: HTMLElement | null = null;
  /** When the column begins that the reading line was put on by keyboard, Unix seconds: it moves on with the plot. */
  #pointed: number | null = null;
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
      if (this.#pointed !== null) plot.point(this.#pointed);
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

  /** Loads a range; until it is here what was shown stays, and says what it is. */
  async #open(range: string, unit: Unit): Promise<void> {
    const mine = ++this.#opening;
    const { module } = this.props;
    this.setState({ choice: "loading" });
    this.#series.await();
    const to = this.#series.nowS();
    const from = to - rangeNamed(range).seconds;
    const query = `module=${module}&from=${from.toFixed(3)}&to=${to.toFixed(3)}&columns=${columns}`;
    const [uplot, history] = await Promise.allSettled([loadUplot(), askEnvelope(query)]);
    if (mine !== this.#opening) return;
    if (uplot.status === "rejected" || history.status === "rejected") {
      for (const outcome of [uplot, history]) {
        if (outcome.status === "rejected") console.warn(`Cannot open the plot: ${outcome.reason}`);
      }
      this.#series.begin(null);
      this.setState({ choice: uplot.status === "rejected" ? "lost" : "failed" });
      return;
    }
    this.#series.begin(history.value);
    globalThis.history.replaceState(null, "", plotAddress(range, unit));
    this.setState({ range, unit, plot: "open", choice: "taken", said: "" }, () => {
      if (this.#plots.length === 0) {
        document.getElementById(stillId)?.remove();
        this.#plots = this.#makePlots(uplot.value);
        this.#follow();
        // the button that had the focus is gone
        if (document.activeElement === document.body) this.#group?.focus({ preventScroll: true });
      }
      this.#draw();
      this.#describe();
    });
  }

  #makePlots(uplot: Awaited<ReturnType<typeof loadUplot>>): readonly Plot[] {
    return this.#places.map((place, channel) =>
      createPlot({
        ...{ uplot, place, channel, height: plotHeight, group: "history" },
        view: () => this.#view(),
        onPoint: (index) => this.#show(index),
      })
    );
  }

  /** The values under the reading line, in words. */
  #wordsOf(time: number | undefined): string {
    const { series, unit } = this.#view();
    const at = time === undefined ? -1 : series.time.indexOf(time);
    const words = channels.map((_, channel) => formatPoint(series, channel, at, unit)).join(", ");
    return time === undefined || at < 0 ? "" : `${formatTime(time, 0)}: ${words}`;
  }

  #show(index: number | null): void {
    const point = this.#wordsOf(index === null ? undefined : plotData(this.#view(), 0)[0][index]);
    if (point !== this.state.point) this.setState({ point });
  }

  #keys = (event: KeyboardEvent): void => {
    const step = steps[event.key];
    if (event.key === "Escape") this.#point(null);
    if (step === undefined) return;
    event.preventDefault();
    const times = plotData(this.#view(), 0)[0];
    const last = times.length - 1;
    const before = this.#pointed === null ? last : times.findIndex((time) => time >= (this.#pointed ?? 0));
    this.#point(times[Math.min(last, Math.max(0, before + step))] ?? null);
  };

  #point(time: number | null): void {
    this.#pointed = time;
    for (const plot of this.#plots) plot.point(time);
    this.setState({ said: this.#wordsOf(time ?? undefined) });
  }

  override render(
    { module, renderedAtMs }: Props,
    { range, unit, plot, choice, gaps, point, said, bounds }: State,
  ) {
    const { seconds, words } = rangeNamed(range);
    const choose = (nextRange: string, nextUnit: Unit) => (event: Event) => {
      if (choice === "lost") return;
      event.preventDefault();
      void this.#open(nextRange, nextUnit);
    };
    return (
      <>
        <div class="choices">
          <PlotChoices range={range} unit={unit} choose={choose} />
          {plot === "closed" && (choice === "lost"
            ? <button type="button" onClick={() => location.reload()}>Load the page again</button>
            : <button type="button" onClick={choose(range, unit)}>Open the live plot</button>)}
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
        <p class="quiet plot-state">{outcomes[choice] || plot === "open" && (point || hint)}</p>
        <p role="status" class="spoken">{outcomes[choice] || plot === "open" && (said || hint)}</p>
        {plot === "open" &&
          (
            <div
              class="charts"
              role="group"
              tabIndex={0}
              aria-label="Live plots"
              onKeyDown={this.#keys}
              ref={(group) => {
                this.#group = group;
              }}
            >
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

async function askEnvelope(query: string): Promise<Envelope> {
  const answer = await fetch(`/api/v1/history?${query}`, { cache: "no-store" });
  if (!answer.ok) throw new Error(`the relay answered ${answer.status}`);
  // the relay's own answer, in the shape that its schema has
  return await answer.json();
}

// One module, alive: goes on from what the server rendered, with whatever comes after the page's cursor.
// A class with plain state, and no hooks: every byte of a page that phones load over a bad line is spent on purpose.

import { Component } from "preact";
import { ChannelCard } from "../components/ChannelCard.tsx";
import { FaultNotice } from "../components/FaultNotice.tsx";
import { type Panel, withReading } from "../components/panel.ts";
import { channels } from "../lib/protocol/browser.ts";
import type { Data, Fault } from "../lib/protocol/mod.ts";
import { pageFeed } from "../lib/socket/mod.ts";

const clockMs = 500;
/** Every reading, at any rate that an agent may have: the sparkline and the record want them all. */
const intervalSeconds = 0.01;

interface Props {
  readonly panel: Panel;
}

interface State {
  readonly newest: Data | null;
  readonly traces: Panel["traces"];
  readonly fault: Fault | null;
  readonly beat: 0 | 1;
  /** By the clock that readings are stamped with. */
  readonly nowMs: number;
  /** Three intervals between arrivals, within reason; none before two readings have arrived. */
  readonly staleAfterMs?: number;
}

export default class ModulePanel extends Component<Props, State> {
  override state: State = { ...this.props.panel, beat: 0, nowMs: this.props.panel.renderedAtMs };
  #leave = () => {};

  override componentDidMount() {
    const { panel } = this.props;
    const feed = pageFeed({ module: panel.module, since: panel.cursor, intervalSeconds });
    let aheadMs = responseStartMs() - panel.renderedAtMs;
    let arrivedAtMs = 0;

    const deaf = feed.onReadings((readings) => {
      const newest = readings.at(-1);
      if (newest === undefined) return;
      const atMs = Date.now();
      const staleAfterMs = Math.min(30_000, Math.max(1000, 3 * (atMs - arrivedAtMs)));
      // a reading cannot be younger than nothing: the least distance seen is the clocks' difference
      aheadMs = Math.min(aheadMs, atMs - newest.timestamp * 1000);
      this.setState(({ traces, beat }) => ({
        newest,
        traces: readings.reduce(withReading, traces),
        fault: null,
        beat: beat === 0 ? 1 : 0,
        nowMs: atMs - aheadMs,
        ...(arrivedAtMs > 0 && { staleAfterMs: Math.round(staleAfterMs / 500) * 500 }),
      }));
      arrivedAtMs = atMs;
    });
    const blind = feed.fault.subscribe((fault) => fault && this.setState({ fault }));
    const clock = setInterval(() => this.setState({ nowMs: Date.now() - aheadMs }), clockMs);
    this.#leave = () => {
      deaf();
      blind();
      clearInterval(clock);
    };
  }

  override componentWillUnmount() {
    this.#leave();
  }

  override render({ panel: { module, station } }: Props, state: State) {
    const { newest, traces, fault, beat, nowMs, staleAfterMs } = state;
    const title = `module-${module}`;
    return (
      <section
        class="module"
        aria-labelledby={title}
        {
          // through the object model: the policy of these pages allows no style attribute
          ...(staleAfterMs && { style: { "--stale-after": `${staleAfterMs}ms` } })
        }
      >
        <header>
          <h2 id={title}>Module {module}</h2>
          <p class="quiet">{station}</p>
          <p class="quiet">{newest && `${newest.wavelength_nm.toFixed(2)} nm`}</p>
        </header>
        <FaultNotice fault={fault} nowMs={nowMs} />
        {newest
          ? (
            <ul class="channels">
              {channels.map((channel, index) => (
                <ChannelCard
                  key={channel}
                  channel={channel}
                  reading={newest}
                  beat={beat}
                  trace={traces[index] ?? []}
                  nowMs={nowMs}
                />
              ))}
            </ul>
          )
          : <p class="empty">No reading has come from this module yet.</p>}
      </section>
    );
  }
}

/** When this browser got the page's first byte, by its own clock. */
function responseStartMs(): number {
  const [navigation] = performance.getEntriesByType("navigation");
  return performance.timeOrigin +
    (navigation instanceof PerformanceNavigationTiming ? navigation.responseStart : 0);
}

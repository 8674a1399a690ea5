// A module's panel. A plain class with plain state, and no hooks: phones load these pages over bad lines. An island lives as
// long as its page, so nothing here has an end of its own.

import { Component } from "preact";
import { ChannelCard } from "../components/ChannelCard.tsx";
import { readingClock } from "../components/clock.ts";
import { FaultNotice } from "../components/FaultNotice.tsx";
import { light } from "../components/lamp.ts";
import { type Panel, withReading } from "../components/panel.ts";
import { channels } from "../lib/protocol/browser.ts";
import type { Data, Fault } from "../lib/protocol/mod.ts";
import { pageFeed } from "../lib/socket/mod.ts";

const clockMs = 1000;
/** Older than this a number is grey before a reading has told how often they come: the style sheet's own time. */
const oldS = 6;
/** A second is the shortest time after which a number is old; to restart that clock costs two frames, so not ten times in it. */
const restartMs = 400;
/** Every reading, at any rate that an agent may have: the sparkline and the record want them all. */
const intervalSeconds = 0.01;

interface PanelProps {
  readonly panel: Panel;
}

interface PanelState {
  readonly newest: Data | null;
  readonly traces: Panel["traces"];
  readonly fault: Fault | null;
  /** 0 or 1: a change restarts the animation that greys the numbers. */
  readonly beat: number;
  /** By the clock that readings are stamped with. */
  readonly nowMs: number;
  /** Three intervals between arrivals, in whole seconds, 30 at most; none before a reading has arrived. */
  readonly staleAfterS?: number;
}

/** One module: goes on from what the server rendered, with whatever comes after the page's cursor. */
export default class ModulePanel extends Component<PanelProps, PanelState> {
  override state: PanelState = { ...this.props.panel, beat: 0, nowMs: this.props.panel.renderedAtMs };

  override componentDidMount() {
    const { panel } = this.props;
    const feed = pageFeed({ module: panel.module, since: panel.cursor, intervalSeconds, onLit: light });
    let { traces } = panel;
    const clock = readingClock(panel.renderedAtMs);
    let arrivedAtMs = performance.now();
    let beat = 0;
    let beatAtMs = 0;

    feed.onReadings((readings) => {
      const newest = readings.at(-1)!;
      const atMs = performance.now();
      const staleAfterS = Math.min(30, Math.ceil(3 * (atMs - arrivedAtMs) / 1000));
      arrivedAtMs = atMs;
      clock.hear(readings);
      traces = readings.reduce(withReading, traces);
      if (atMs - beatAtMs > restartMs) {
        beatAtMs = atMs;
        beat = 1 - beat;
      }
      this.setState({ newest, traces, fault: null, beat, staleAfterS });
    });
    feed.fault.subscribe((fault) => fault && this.setState({ fault }));
    // readings change the numbers; ages and plots need no more than this, and cost more
    setInterval(() => this.setState({ nowMs: clock.now() }), clockMs);
  }

  override render({ panel: { module, station } }: PanelProps, state: PanelState) {
    const { newest, traces, fault, beat, nowMs, staleAfterS } = state;
    const title = `module-${module}`;
    return (
      <section
        class="module"
        aria-labelledby={title}
        {
          // through the object model: the policy of these pages allows no style attribute
          ...staleAfterS && { style: { "--stale-after": `${staleAfterS}s` } }
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
            <ul
              class="channels"
              data-beat={staleAfterS || nowMs / 1000 - newest.timestamp < oldS ? beat : "old"}
            >
              {channels.map((channel, index) => (
                <ChannelCard
                  key={channel}
                  channel={channel}
                  reading={newest}
                  trace={traces[index] ?? []}
                  nowMs={nowMs}
                />
              ))}
            </ul>
          )
          : <p class="empty">No reading has come yet.</p>}
      </section>
    );
  }
}

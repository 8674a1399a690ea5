// What is alive on every page with readings: the badge of its connection, and a module's panel. Two islands in one file: each
// file of its own would cost such a page a request and 300 bytes. Plain classes with plain state, and no hooks, for the same
// reason: phones load these pages over bad lines. An island lives as long as its page, so nothing here has an end of its own.

import { Component } from "preact";
import { ChannelCard } from "../components/ChannelCard.tsx";
import { readingClock } from "../components/clock.ts";
import { FaultNotice } from "../components/FaultNotice.tsx";
import { formatClock } from "../components/format.ts";
import { light } from "../components/lamp.ts";
import { type Panel, withReading } from "../components/panel.ts";
import { channels } from "../lib/protocol/browser.ts";
import type { Data, Fault } from "../lib/protocol/mod.ts";
import {
  type Connection,
  defaultPolicy,
  pageConnection,
  pageFeed,
  reconnectPage,
} from "../lib/socket/mod.ts";

const tickMs = 250;

interface BadgeProps {
  readonly renderedAtMs: number;
}

interface BadgeState {
  /** None on the server, and while the page has no feed. */
  readonly connection?: Connection | null;
}

/** How the page gets its readings, in words, colour and shape, with a button where a person can help. */
export class ConnectionBadge extends Component<BadgeProps, BadgeState> {
  override state: BadgeState = {};

  override componentDidMount() {
    pageConnection.subscribe((connection) => this.setState({ connection }));
    setInterval(() => this.state.connection?.nextRetryAt && this.forceUpdate(), tickMs);
  }

  override render({ renderedAtMs }: BadgeProps, { connection }: BadgeState) {
    const state = connection?.state;
    const troubled = connection && state !== "Live" && state !== "Connecting";
    const progress = connection && progressOf(connection);
    return (
      <div class="connection">
        {troubled && (
          <p class="why">
            {state === "Polling" && progress && `Reconnecting${progress}: `}
            {connection.online ? "Relay" : "Your network"} since {formatClock(connection.since)}:{" "}
            {connection.lastError}
          </p>
        )}
        <p class="badge" data-state={state}>
          {state ?? `Page of ${formatClock(renderedAtMs)}`}
          {state === "Reconnecting" && progress}
        </p>
        <span role="status" class="spoken">{state}</span>
        {troubled && (connection.loggedOut
          ? <a href={`/login?next=${encodeURIComponent(location.pathname + location.search)}`}>Log in</a>
          : <button type="button" onClick={reconnectPage}>Retry now</button>)}
      </div>
    );
  }
}

/** ` 3/10, in 4 s`; nothing where no attempt is waited for or under way. */
function progressOf({ attempt, nextRetryAt }: Connection): string {
  if (attempt === 0) return "";
  const waitMs = (nextRetryAt ?? 0) - Date.now();
  return ` ${attempt}/${defaultPolicy.maxReconnectAttempts}, ${
    waitMs > 0 ? `in ${Math.ceil(waitMs / 1000)} s` : "now"
  }`;
}

const clockMs = 1000;
/** Older than this a number is grey before a reading has told how often they come: the style sheet's own time. */
const oldS = 6;
/** A second is the shortest time after which a number is old; to restart that clock costs two frames, so not ten times in it. */
const restartMs = 300;
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
export class ModulePanel extends Component<PanelProps, PanelState> {
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

// The state of every part, as the server saw it and as the relay's own channels tell it from then on; and of each connection
// of this page.

import { Component, type ComponentChildren } from "preact";
import { readingClock } from "../components/clock.ts";
import { formatAge, formatClock, formatDuration } from "../components/format.ts";
import { askStatus, type ModuleStatus, type StationStatus, type Status } from "../components/status.ts";
import type { ServicesHealth, StationsStatus } from "../lib/protocol/mod.ts";
import { type ChannelSocket, createChannelSocket, pageFeed, type Socket } from "../lib/socket/mod.ts";

const tickMs = 500;
const awaitMs = 2000;
/** By then a poll stands in where no socket opens. */
const graceMs = 2000;
const channels = ["services:health", "stations:status", "metrics"] as const;

interface Props {
  readonly status: Status;
}

interface State extends Status {
  /** By the server's clock. */
  readonly nowMs: number;
  readonly figures: Readonly<Record<string, number>>;
}

interface Connection {
  readonly name: string;
  /** Null before the page is alive: its row stands there from the first paint, so that nothing moves when it is filled. */
  readonly socket: Socket | null;
}

const newsName = "News of the relay";
const nameOf = ({ module }: ModuleStatus) => `Module ${module}`;

export default class StatusBoard extends Component<Props, State> {
  override state: State = { ...this.props.status, nowMs: this.props.status.renderedAtMs, figures: {} };
  #connections: readonly Connection[] = [newsName, ...this.props.status.modules.map(nameOf)]
    .map((name) => ({ name, socket: null }));

  override componentDidMount() {
    const clock = readingClock(this.props.status.renderedAtMs);
    const news = createChannelSocket({
      url: new URL("/ws", location.href).href.replace("http", "ws"),
      poll: async ({ signal }) => {
        const status = await askStatus(signal);
        if (status) this.#renew(status);
        return status !== null;
      },
    });
    news.subscribe(channels);
    this.#hear(news);
    news.connect();
    const feeds = this.props.status.modules.map((known) => {
      const { module, cursor } = known;
      const feed = pageFeed({ module, since: cursor, intervalSeconds: 0.01 });
      const update = (change: Partial<ModuleStatus>) =>
        this.setState(({ modules }) => ({
          modules: modules.map((known) => known.module === module ? { ...known, ...change } : known),
        }));
      feed.fault.subscribe((fault) => fault && update({ fault }));
      let newestS = 0;
      feed.onReadings((readings) => {
        clock.hear(readings);
        newestS = readings.at(-1)?.timestamp ?? newestS;
      });
      setInterval(() => newestS > 0 && update({ newestS, fault: feed.fault.peek() }), tickMs);
      return { name: nameOf(known), socket: feed.socket };
    });
    this.#connections = [{ name: newsName, socket: news }, ...feeds];
    if (feeds.length === 0) this.#awaitModules();
    setInterval(() => this.setState({ nowMs: clock.now() }), tickMs);
  }

  /** Where no socket opens: what the server tells when it is asked, but for the modules' readings, which have their own way. */
  #renew({ parts, stations, activeStreams, startedMs }: Status): void {
    this.setState({ parts, stations, activeStreams, startedMs });
  }

  /** A page that was made before any module was known is made anew when one is. */
  #awaitModules(): void {
    setInterval(async () => {
      const status = await askStatus();
      if (status && status.modules.length > 0) location.reload();
    }, awaitMs);
  }

  #hear(news: ChannelSocket): void {
    // the relay's own messages, in the shapes that their schemas have
    news.on("services:health", ({ data }) => {
      const health = data as ServicesHealth["data"];
      this.setState(({ parts }) => ({
        parts: parts.map((part) => {
          const found = health[part.name];
          if (!found) return part;
          const ready = found.status === "healthy";
          return { ...part, ready, words: found.detail ?? (ready === part.ready ? part.words : "") };
        }),
      }));
    });
    news.on("stations:status", ({ data }) => {
      const status = data as StationsStatus["data"];
      this.setState(({ stations, nowMs }) => ({
        stations: Object.entries(status).map(([station, { status: state, response_time_ms }]) => {
          const known = stations.find((other) => other.station === station);
          const sinceMs = known?.state === state ? known.sinceMs : nowMs;
          return {
            ...{ identity: null, modules: [], ...known },
            ...{ station, state, sinceMs, lagMs: response_time_ms },
          };
        }),
      }));
    });
    news.on("metrics_update", ({ data }) => {
      const figures = data as Record<string, number>;
      this.setState(({ activeStreams }) => ({
        figures,
        activeStreams: figures["active_streams"] ?? activeStreams,
      }));
    });
    news.on("heartbeat", ({ active_streams }) => this.setState({ activeStreams: Number(active_streams) }));
  }

  override render(_: Props, state: State) {
    const { nowMs, startedMs, activeStreams, parts, stations, modules, figures } = state;
    const silentMs = silenceOf(this.#connections[0]?.socket ?? null);
    return (
      <div class="status" data-doubtful={silentMs === null ? undefined : ""}>
        <div role="status">
          {silentMs !== null && (
            <p class="notice">
              The relay tells nothing since{" "}
              {formatClock(nowMs - silentMs)}: what stands here is how things were then.
            </p>
          )}
        </div>
        <section aria-labelledby="relay">
          <h2 id="relay">Relay</h2>
          <dl class="figures">
            <Figure name="Active streams" value={`${activeStreams}`} />
            <Figure name="Uptime" value={formatDuration(nowMs - startedMs)} />
            {Object.entries(shownFigures).map(([key, name]) => (
              <Figure
                key={key}
                name={name}
                value={figures[key] === undefined ? "–" : figures[key].toLocaleString("en")}
              />
            ))}
          </dl>
          <ul class="parts">
            {parts.map(({ name, ready, words }) => (
              <li key={name} data-ready={ready}>
                <strong>{name}</strong> <span class="verdict">{ready ? "works" : "does not work"}</span>
                <span class="quiet">
                  {name === "relay" && ready
                    ? `${activeStreams} ${activeStreams === 1 ? "viewer" : "viewers"}`
                    : words}
                </span>
              </li>
            ))}
          </ul>
        </section>
        <section aria-labelledby="connections">
          <h2 id="connections">Connections of this page</h2>
          <Table heads={["Connection", "State", "Latency", "Reconnects", "For", "Last trouble"]}>
            {this.#connections.map((connection) => <ConnectionRow key={connection.name} {...connection} />)}
          </Table>
        </section>
        <section aria-labelledby="stations">
          <h2 id="stations">Stations</h2>
          {stations.length === 0
            ? <p class="quiet">No agent has connected since the relay started.</p>
            : (
              <Table heads={["Station", "State", "For", "Instrument", "Modules", "Reading's way"]}>
                {stations.map((station) => <StationRow key={station.station} {...station} nowMs={nowMs} />)}
              </Table>
            )}
        </section>
        <section aria-labelledby="modules">
          <h2 id="modules">Modules</h2>
          {modules.length === 0
            ? <p class="quiet">No module is known yet.</p>
            : (
              <Table heads={["Module", "Station", "Newest reading", "State"]}>
                {modules.map((module) => <ModuleRow key={module.module} {...module} nowMs={nowMs} />)}
              </Table>
            )}
        </section>
      </div>
    );
  }
}

/** For how long the relay has told nothing, ms; null while it does, or it is too early to tell. */
function silenceOf(socket: Socket | null): number | null {
  if (socket === null || socket.polling.peek()) return null;
  const { state, since, now } = socket;
  const silentMs = now() - since.peek();
  return state.peek() === "connected" || silentMs < graceMs ? null : silentMs;
}

/** Of the channel `metrics`, in the order in which they are shown. */
const shownFigures: Readonly<Record<string, string>> = {
  readings_stored: "Readings stored",
  messages_sent: "Messages sent",
  readings_conflated: "Readings conflated",
};

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Table(
  { heads, children }: { readonly heads: readonly string[]; readonly children: ComponentChildren },
) {
  return (
    <table>
      <thead>
        <tr>{heads.map((head) => <th key={head} scope="col">{head}</th>)}</tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

function ConnectionRow({ name, socket }: Connection) {
  const state = socket?.polling.peek() ? "polling" : socket?.state.peek() ?? "none";
  const roundTripMs = socket?.roundTripMs.peek() ?? null;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td data-label="State" data-good={socket && state === "connected"}>{state}</td>
      <td data-label="Latency">{roundTripMs === null ? "–" : `${roundTripMs.toFixed(0)} ms`}</td>
      <td data-label="Reconnects">{Math.max(0, (socket?.opened.peek() ?? 0) - 1)}</td>
      <td data-label="For">{socket ? formatDuration(socket.now() - socket.since.peek()) : "–"}</td>
      <td data-label="Last trouble">{socket?.lastError.peek() ?? "none"}</td>
    </tr>
  );
}

function StationRow(
  { station, state, sinceMs, identity, modules, lagMs, nowMs }: StationStatus & { readonly nowMs: number },
) {
  return (
    <tr>
      <th scope="row">{station}</th>
      <td data-label="State" data-good={state === "online"}>{state}</td>
      <td data-label="For">{sinceMs === null ? "–" : formatDuration(nowMs - sinceMs)}</td>
      <td data-label="Instrument">{identity ?? "has not answered"}</td>
      <td data-label="Modules">{modules.join(", ") || "–"}</td>
      <td data-label="Reading's way">{lagMs === null ? "–" : `${Math.max(0, Math.round(lagMs))} ms`}</td>
    </tr>
  );
}

function ModuleRow(
  { module, station, newestS, fault, nowMs }: ModuleStatus & { readonly nowMs: number },
) {
  return (
    <tr>
      <th scope="row">
        <a href={`/modules/${module}`}>Module {module}</a>
      </th>
      <td data-label="Station">{station ?? "–"}</td>
      <td data-label="Newest reading">{newestS === null ? "none" : formatAge(nowMs - newestS * 1000)}</td>
      <td data-label="State" data-good={fault === null}>
        {fault ? `${fault.message} (${fault.source}, since ${formatClock(Date.parse(fault.since))})` : "read"}
      </td>
    </tr>
  );
}

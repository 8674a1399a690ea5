// What the relay itself publishes: `services:health` and `stations:status` when they change, `metrics` every 10 s; and
// the line of statistics in the log each minute.

import type { Logger } from "../../process/mod.ts";
import type { ServicesHealth, StationsStatus } from "../../protocol/mod.ts";
import type { Channels } from "./channels.ts";
import type { AgentState } from "../door.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { isoTime } from "./outgoing.ts";
import type { Readiness } from "../http/ready.ts";

const metricsEveryMs = 10_000;
const statisticsEveryMs = 60_000;

/** What it reports on. */
export interface StatusSources {
  readonly readiness: () => Readiness;
  readonly agents: () => readonly AgentState[];
  readonly activeStreams: () => number;
  readonly metrics: Metrics;
}

/** Publishes the relay's own state. */
export class StatusReporter {
  readonly #sources: StatusSources;
  readonly #channels: Channels;
  readonly #log: Logger;
  readonly #startedMs: number;
  #health = "";
  #stations = "";
  #metricsMs: number;
  #statisticsMs: number;

  /** Begins with the first {@linkcode StatusReporter.report}. */
  constructor(sources: StatusSources, channels: Channels, log: Logger, nowMs: number) {
    this.#sources = sources;
    this.#channels = channels;
    this.#log = log;
    this.#startedMs = nowMs;
    this.#metricsMs = nowMs - metricsEveryMs;
    this.#statisticsMs = nowMs;
  }

  /** Publishes what is due; called once a second. */
  report(nowMs: number): void {
    this.#reportHealth(nowMs);
    const due = nowMs - this.#metricsMs >= metricsEveryMs;
    this.#reportStations(nowMs, due);
    if (due) {
      this.#metricsMs = nowMs;
      this.#channels.tell("metrics", {
        type: "metrics_update",
        data: this.#figures(nowMs),
        timestamp: isoTime(nowMs),
      });
    }
    if (nowMs - this.#statisticsMs < statisticsEveryMs) return;
    this.#statisticsMs = nowMs;
    this.#log.info("statistics", this.#figures(nowMs));
  }

  #figures(nowMs: number): Record<string, number> {
    const { metrics, agents, activeStreams } = this.#sources;
    return {
      active_streams: activeStreams(),
      agents_online: agents().filter(({ state }) => state === "online").length,
      uptime_s: Math.round((nowMs - this.#startedMs) / 1000),
      readings_stored: metrics.ingested.total(),
      readings_conflated: metrics.conflated.total(),
      messages_sent: metrics.messagesSent,
    };
  }

  #reportHealth(nowMs: number): void {
    const parts = this.#sources.readiness();
    const key = parts.map(({ name, ready }) => `${name} ${ready}`).join();
    if (key === this.#health) return;
    this.#health = key;
    const data: ServicesHealth["data"] = Object.fromEntries(
      parts.map(({ name, ready, words }) => [
        name,
        ready ? { status: "healthy" } : { status: "unhealthy", detail: words },
      ]),
    );
    this.#channels.tell("services:health", { type: "services:health", data, timestamp: isoTime(nowMs) });
  }

  #reportStations(nowMs: number, due: boolean): void {
    const agents = this.#sources.agents();
    const key = agents.map(({ station, state }) => `${station} ${state}`).join();
    if (key === this.#stations && !due) return;
    this.#stations = key;
    const data: StationsStatus["data"] = Object.fromEntries(
      agents.map(({ station, state, lagMs }) => [
        station,
        { status: state, response_time_ms: lagMs === null ? null : Math.max(0, Math.round(lagMs)) },
      ]),
    );
    this.#channels.tell("stations:status", { type: "stations:status", data, timestamp: isoTime(nowMs) });
  }
}

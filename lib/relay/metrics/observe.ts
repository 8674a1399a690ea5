// The metrics that are read off the relay's parts when somebody asks.

import type { Agents } from "../ingest/agents.ts";
import type { Keeper } from "../history/keeper.ts";
import { Observed } from "./kinds.ts";
import type { Metrics } from "./metrics.ts";
import type { Connection } from "../sockets/connection.ts";
import { endpoints } from "../sockets/endpoints.ts";
import type { Registry } from "../sockets/registry.ts";

/** The parts that are looked at. */
export interface ObservedParts {
  readonly registry: Registry;
  readonly keeper: Keeper;
  readonly agents: Agents;
}

/** How many connections each endpoint has in a state. */
function tally(state: string, connections: readonly Connection[]) {
  const byEndpoint = Map.groupBy(connections, ({ endpoint }) => endpoint);
  return endpoints.map((endpoint) => [{ endpoint, state }, byEndpoint.get(endpoint)?.length ?? 0] as const);
}

/** Adds their figures to the metrics. */
export function observe(metrics: Metrics, { registry, keeper, agents }: ObservedParts): void {
  metrics.register(
    new Observed(
      "gauge",
      "lightline_connections",
      "Sockets, by endpoint and state: open, or closing until the other end has closed them too.",
      () => [...tally("open", registry.connections()), ...tally("closing", registry.closing())],
    ),
    new Observed("gauge", "lightline_polls_held", "Polls that wait for news.", () => registry.heldPolls),
    new Observed(
      "gauge",
      "lightline_agent_online",
      "1 where the agent of a station is connected.",
      () => agents.states().map(({ station, state }) => [{ station }, state === "online" ? 1 : 0] as const),
    ),
    new Observed(
      "gauge",
      "lightline_ingest_lag_seconds",
      "From the agent's clock at the newest reading to its storing, by station.",
      () => agents.states().map(({ station, lagMs }) => [{ station }, (lagMs ?? 0) / 1000] as const),
    ),
    new Observed(
      "gauge",
      "lightline_history_readings",
      "Readings in the history.",
      () => keeper.use((history) => history.count()),
    ),
    new Observed(
      "gauge",
      "lightline_history_bytes",
      "Size of the history.",
      () => keeper.use((history) => history.bytes()),
    ),
    new Observed(
      "gauge",
      "lightline_history_degraded",
      "1 where readings are kept in memory because the disk failed.",
      () => keeper.state().state === "degraded" ? 1 : 0,
    ),
  );
}

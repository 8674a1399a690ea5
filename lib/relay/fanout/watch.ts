// Once a second: repeats the fault of every stream whose agent has gone, and notices that one says nothing any more.

import { agentOffline, type Agents } from "../ingest/agents.ts";
import type { AgentState } from "../door.ts";
import type { Hub } from "./hub.ts";
import type { Limits } from "../limits.ts";
import type { FaultReport, Stream } from "./stream.ts";

/** What the relay itself finds wrong with a stream now; null when it is its agent's to say. */
function watchStream(
  stream: Stream,
  states: readonly AgentState[],
  limits: Limits,
  nowMs: number,
): FaultReport | null {
  const readers = states.filter((agent) => agent.modules.includes(stream.module));
  const reader = readers.find((agent) => agent.state === "online") ?? readers[0];
  if (!reader) {
    const online = states.filter((agent) => agent.state === "online");
    if (online.length === 0) return noAgent;
    const read = [...new Set(online.flatMap(({ modules }) => modules))].sort((a, b) => a - b);
    return {
      source: "agent",
      code: "module_absent",
      message: `No agent reads module ${stream.module}. What is read: module ${read.join(", ")}.`,
      recoverable: true,
    };
  }
  if (reader.state === "offline") return agentOffline(reader.station);
  if (nowMs - stream.lastWordMs < limits.silenceMs) return null;
  return {
    source: "agent",
    code: "agent_silent",
    message: `The agent of ${reader.station} is connected, but has sent no reading for ${
      Math.round((nowMs - stream.lastWordMs) / 1000)
    } s.`,
    recoverable: true,
  };
}

const noAgent: FaultReport = {
  source: "agent",
  code: "agent_offline",
  message: "No agent is connected.",
  recoverable: true,
};

/** Reports what {@linkcode watchStream} finds to every stream. */
export function watchStreams(hub: Hub, agents: Agents, limits: Limits, nowMs: number): void {
  const states = agents.states();
  for (const stream of hub.streams) {
    const report = watchStream(stream, states, limits, nowMs);
    if (report) stream.report(report, nowMs);
  }
}

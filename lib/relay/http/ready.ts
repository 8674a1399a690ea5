// `/health` (this process answers) and `/ready` (every part works), one line for each part.

import { sizedResponse } from "./sized.ts";
import type { Fault } from "../../protocol/mod.ts";
import type { AgentState, HistoryState } from "../door.ts";

/** One part of the system. */
export interface Part {
  /** Which one. */
  readonly name: "relay" | "history" | "agent" | "instrument";
  /** Whether it works. */
  readonly ready: boolean;
  /** How it is, for people. */
  readonly words: string;
}

/** All parts. */
export type Readiness = readonly Part[];

/** What {@linkcode readinessOf} looks at. */
export interface ReadinessSources {
  readonly draining: boolean;
  readonly viewers: number;
  readonly history: HistoryState;
  readonly agents: readonly AgentState[];
  /** Of the modules that an agent has announced: what is wrong, or null. */
  readonly faults: readonly (Fault | null)[];
}

/** Every part, and in words how it is. */
export function readinessOf({ draining, viewers, history, agents, faults }: ReadinessSources): Readiness {
  const names = (found: readonly AgentState[]) => found.map(({ station }) => station).join(" ");
  const online = agents.filter(({ state }) => state === "online");
  const fault = faults.find((found) => found !== null);
  const [instrument, agent] = [
    fault ? `${fault.message} (since ${fault.since})` : faults.length > 0 ? "it is read" : "not known",
    online.length > 0
      ? names(online)
      : agents.length > 0
      ? `${names(agents)} not connected`
      : "none has connected",
  ];
  return [
    { name: "relay", ready: !draining, words: draining ? "it is draining" : `${viewers} viewers` },
    {
      name: "history",
      ready: history.state !== "degraded",
      words: history.problem === null
        ? `on ${history.state}, epoch ${history.epoch}`
        : `${history.problem}: readings are in memory alone, and are lost when the relay ends`,
    },
    { name: "agent", ready: online.length > 0, words: agent },
    { name: "instrument", ready: faults.length > 0 && !fault, words: instrument },
  ];
}

/** Liveness: 200 as long as the process answers. */
export function answerHealth(): Response {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  return sizedResponse(JSON.stringify({ status: "ok" }), { headers });
}

/** Readiness: 503 unless every part is ready. */
export function answerReady(parts: Readiness): Response {
  // An agent's words may have lines of their own.
  const lines = parts.map(({ name, ready, words }) =>
    `${name}: ${ready ? "ready" : "not ready"}, ${words.replaceAll(/\s+/g, " ")}`
  );
  return new Response(lines.join("\n") + "\n", {
    status: parts.every((part) => part.ready) ? 200 : 503,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });
}

// The agents' sockets: each message of readings is stored before anybody sees it, and acknowledged after that. One
// agent speaks for a station; a newer one takes over.

import { type AgentMessage, agentMessage, closeCode, type Hello, type Readings } from "../../protocol/mod.ts";
import type { Connection, Handler } from "../sockets/connection.ts";
import { Commands, failed } from "./commands.ts";
import type { AgentState, CommandOutcome } from "../door.ts";
import { pong } from "../fanout/messages.ts";
import { asReadings } from "./hot.ts";
import type { Hub } from "../fanout/hub.ts";
import { Inbox } from "./inbox.ts";
import type { Keeper } from "../history/keeper.ts";
import { decode } from "../sockets/decode.ts";
import type { Count } from "../metrics/kinds.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Instruments } from "../instrument/knowledge.ts";
import type { FaultReport } from "../fanout/stream.ts";

interface Agent {
  readonly station: string;
  readonly boot: string;
  readonly modules: readonly number[];
  readonly connection: Connection;
  readonly inbox: Inbox<Exclude<AgentMessage, Hello>>;
  readonly ingested: Count;
  identity: string | null;
  online: boolean;
  sinceMs: number;
  lagMs: number | null;
}

/** All agents that said hello. */
export class Agents implements Handler {
  readonly #hub: Hub;
  readonly #keeper: Keeper;
  readonly #metrics: Metrics;
  readonly #now: () => number;
  readonly #instruments: Instruments;
  readonly #commands = new Commands();
  readonly #agents = new Map<string, Agent>();
  readonly #stations = new WeakMap<Connection, string>();

  /** Readings go to the keeper's history first, then to the hub. */
  constructor(hub: Hub, keeper: Keeper, instruments: Instruments, metrics: Metrics, now: () => number) {
    this.#hub = hub;
    this.#keeper = keeper;
    this.#instruments = instruments;
    this.#metrics = metrics;
    this.#now = now;
  }

  /** Every agent that said hello, by station. */
  states(): readonly AgentState[] {
    return [...this.#agents.values()].sort((a, b) => a.station < b.station ? -1 : 1).map((agent) => ({
      station: agent.station,
      state: agent.online ? "online" : "offline",
      sinceMs: agent.sinceMs,
      identity: agent.identity,
      modules: agent.modules,
      lagMs: agent.lagMs,
    }));
  }

  /** Sends a command to the agent of a station. */
  command(
    station: string,
    name: string,
    params: Readonly<Record<string, unknown>>,
    timeoutMs: number,
  ): Promise<CommandOutcome> {
    const agent = this.#agents.get(station);
    if (!agent?.online) return Promise.resolve(failed(`The agent of ${station} is not connected.`));
    return this.#commands.send(agent.connection, name, params, timeoutMs);
  }

  /** Says which station a socket that is about to open has named in its query. */
  expect(connection: Connection, station: string): void {
    this.#stations.set(connection, station);
  }

  /** An agent speaks first. */
  opened(): void {}

  /** A message of an agent. */
  received(connection: Connection, text: string): void {
    const message = decode(agentMessage, text, asReadings);
    if (typeof message === "string") return connection.reject(message);
    if (message.type === "hello") return this.#welcome(connection, message);
    const agent = this.#agentOf(connection);
    if (!agent) return connection.reject("the first message must be hello", "hello_expected");
    agent.inbox.push(message);
  }

  /** An agent has gone: its modules' viewers hear of it at once. */
  ended(connection: Connection): void {
    this.#commands.abandon(connection);
    const agent = this.#agentOf(connection);
    if (!agent) return;
    agent.inbox.close();
    agent.online = false;
    agent.sinceMs = this.#now();
    this.#instruments.lose(agent.station, this.#now());
    const stillRead = new Set(
      this.states().flatMap(({ state, modules }) => state === "online" ? modules : []),
    );
    for (const module of agent.modules) {
      if (!stillRead.has(module)) this.#hub.stream(module).report(agentOffline(agent.station), this.#now());
    }
  }

  #agentOf(connection: Connection): Agent | undefined {
    const agent = this.#agents.get(this.#stations.get(connection) ?? "");
    return agent?.connection === connection ? agent : undefined;
  }

  #welcome(connection: Connection, { station, boot, identity, modules }: Hello): void {
    const named = this.#stations.get(connection);
    if (named !== station) {
      return connection.reject(
        `the query names the station ${named}, hello names ${station}`,
        "wrong_station",
      );
    }
    const before = this.#agents.get(station);
    const now = this.#now();
    const agent: Agent = {
      station,
      boot,
      modules,
      connection,
      inbox: new Inbox((message) => this.#guard(agent, message), isLive, () => this.#hub.calm()),
      ingested: this.#metrics.ingested.of({ station }),
      identity,
      online: true,
      sinceMs: now,
      lagMs: before?.lagMs ?? null,
    };
    this.#agents.set(station, agent);
    before?.inbox.close();
    if (before?.online && before.connection !== connection) {
      before.connection.close(closeCode.policy, `another agent speaks for ${station} now`);
    }
    for (const stream of this.#hub.streams) {
      if (modules.includes(stream.module)) stream.announce(station, now);
      else if (stream.station === station) stream.withdraw();
    }
    const through = this.#keeper.use((history) => history.through(station, boot));
    connection.say({ type: "welcome", through });
  }

  // An inbox hands on messages outside of the connection's own guard.
  #guard(agent: Agent, message: Exclude<AgentMessage, Hello>): void {
    try {
      this.#handle(agent, message);
    } catch (error) {
      agent.connection.fail(error);
    }
  }

  #handle(agent: Agent, message: Exclude<AgentMessage, Hello>): void {
    if (message.type === "readings") return this.#store(agent, message);
    this.#take(agent, message);
    // Every message is answered, because Deno's WebSocket (2.9.6) leaves Nagle's algorithm on: without an answer, which
    // brings the kernel's acknowledgement along, the agent's next reading would be held back for up to 40 ms.
    agent.connection.say(pong(this.#now()));
  }

  #take(agent: Agent, message: Exclude<AgentMessage, Hello | Readings>): void {
    switch (message.type) {
      case "fault": {
        const { source, message: words, recoverable } = message;
        const report = { source, code: `${source}_fault`, message: words, recoverable } as const;
        for (const module of agent.modules) this.#hub.stream(module).reportFromAgent(report, this.#now());
        return;
      }
      case "recovered":
        if (message.identity !== undefined) agent.identity = message.identity;
        for (const module of agent.modules) this.#hub.stream(module).recover(this.#now());
        return;
      case "instrument":
        return this.#instruments.take(agent.station, message, this.#now());
      case "ping":
        return;
      case "result":
        if (this.#commands.settle(agent.connection, message)) return;
        return agent.connection.reject(`no command with the id ${message.id} is waiting`, "unknown_command");
    }
  }

  #store(agent: Agent, { boot, first, items }: Readings): void {
    const { station, connection } = agent;
    if (boot !== agent.boot) {
      return connection.reject(`hello named the boot ${agent.boot}, not ${boot}`, "wrong_boot");
    }
    const strange = items.find(({ module }) => !agent.modules.includes(module));
    if (strange) {
      return connection.reject(`hello did not name the module ${strange.module}`, "wrong_module");
    }
    const now = this.#now();
    const { fresh, duplicates, skipped, through } = this.#keeper.use((history) =>
      history.store({ station, boot, first, items }, now)
    );
    this.#hub.publish(fresh);
    connection.say({ type: "ack", boot, through });
    const newest = fresh.at(-1);
    if (newest) agent.lagMs = now - newest.timestamp * 1000;
    agent.ingested.add(fresh.length);
    if (duplicates > 0) this.#metrics.duplicates.add(duplicates, { station });
    if (skipped > 0) this.#metrics.skipped.add(skipped, { station });
  }
}

// More readings than one message of a live agent has are what it could not send before.
const liveItems = 8;

function isLive(message: Exclude<AgentMessage, Hello>): boolean {
  return message.type !== "readings" || message.items.length <= liveItems;
}

/** The fault of a module whose agent has gone. */
export function agentOffline(station: string): FaultReport {
  return {
    source: "agent",
    code: "agent_offline",
    message: `The agent of ${station} is not connected.`,
    recoverable: true,
  };
}

// What main.ts, the server-rendered pages and tests see of the relay: types only.

import type { Logger } from "../process/mod.ts";
import type { CommandFault, Data, Envelope, Fault, Publication } from "../protocol/mod.ts";
import type { EnvelopeQuery } from "./history/envelope.ts";
import type { Desk, Failure } from "./instrument/desk.ts";
import type { InstrumentKnowledge } from "./instrument/knowledge.ts";
import type { Trace, TracePlace } from "./instrument/traces.ts";
import type { Limits } from "./limits.ts";
import type { Readiness } from "./http/ready.ts";
import type { Login } from "./access/session.ts";

/** What a relay is made of: the configuration of design.md's table, checked, in the units that the names say. */
export interface RelayOptions {
  /** Folder of the history, made where it does not exist; `:memory:` keeps nothing. */
  readonly dataDir: string;
  /** Readings older than this are pruned. */
  readonly historyHours: number;
  /** The agents' secret. */
  readonly agentToken: string;
  /** HS256 secret of viewers' tokens. Without one every viewer is an anonymous `viewer`. */
  readonly viewerSecret?: string | undefined;
  /** Addresses, or ranges as `10.0.0.0/8`, whose `X-Forwarded-For` is believed. */
  readonly trustProxy?: readonly string[] | undefined;
  /** Origins (`https://pages.example`) beside the request's own host that may connect. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** From the call of {@linkcode Relay.drain} to the last close. */
  readonly drainSeconds: number;
  /** What differs from {@linkcode Limits}' defaults. */
  readonly limits?: Partial<Limits> | undefined;
  /** Where lines go. No secret is ever in one. */
  readonly log: Logger;
  /** Unix milliseconds. */
  readonly now?: (() => number) | undefined;
}

/** One module's stream, as a page shows it. */
export interface ModuleState {
  /** The module's slot, 1 to 20. */
  readonly module: number;
  /** The station whose agent announced the module last; null when no agent has since the relay started. */
  readonly station: string | null;
  /** The newest reading; null while the history has none. */
  readonly newest: Data | null;
  /** What is wrong with the stream now, and since when; null while readings come. */
  readonly fault: Fault | null;
  /** Where the stream stands: the `since` of a client that knows everything so far. Null while there is no reading. */
  readonly cursor: string | null;
}

/** An agent that said hello since the relay started. */
export interface AgentState {
  /** Name of the bench. */
  readonly station: string;
  /** Whether its socket is open. */
  readonly state: "online" | "offline";
  /** When it came or went, Unix milliseconds. */
  readonly sinceMs: number;
  /** The instrument's `*IDN?` text; null while it has not answered. */
  readonly identity: string | null;
  /** The modules that it reads. */
  readonly modules: readonly number[];
  /** From the agent's clock at the newest reading to its storing here; null before the first one. */
  readonly lagMs: number | null;
}

/** Where readings are kept. */
export interface HistoryState {
  /** `disk`: as configured. `memory`: `:memory:` was configured. `degraded`: the disk failed, readings are kept in memory. */
  readonly state: "disk" | "memory" | "degraded";
  /** Names this history in every cursor. */
  readonly epoch: string;
  /** Why it is degraded, and since when. */
  readonly problem: string | null;
}

/** What became of a command to an agent. */
export type CommandOutcome =
  | { readonly ok: true; readonly value: unknown }
  | {
    readonly ok: false;
    readonly problem: {
      readonly title: string;
      readonly detail?: string | undefined;
      readonly code?: CommandFault | undefined;
    };
  };

/** Who sent a request. */
export interface Viewer {
  /** `viewer` looks, `operator` also acts on the instrument. */
  readonly role: "viewer" | "operator";
  /** The name in the token; null where there is none. */
  readonly name: string | null;
  /** When the token ends, Unix milliseconds; Infinity where none is needed. */
  readonly expiresMs: number;
}

/** The instruments, as pages look at them and operate them. */
export interface InstrumentsDoor extends Pick<Desk, "station" | "roleRefusal" | "ask" | "change"> {
  /** What is known of each station's instrument: lasers, activities, sweep. */
  all(): readonly InstrumentKnowledge[];
  /** Which lasers shine, in words; empty: none. */
  lit(): string;
  /** A trace, perhaps still on its way. */
  trace(station: string, place: TracePlace): Promise<Trace | Failure>;
}

/** The relay: every path under `/api/v1/`, `/ws`, `/health`, `/ready` and the like, and what pages need to be rendered. */
export interface Relay extends AsyncDisposable {
  /** Answers a request for a path that {@linkcode Relay.owns}. The request must be the one that `listen` or `Deno.serve` made. */
  fetch(request: Request, info: Deno.ServeHandlerInfo): Response | Promise<Response>;
  /** Whether the relay answers this path: while it drains, every one, with 503. */
  owns(pathname: string): boolean;
  /** Every module with a reading or an agent, by number. */
  modules(): readonly ModuleState[];
  /** Readings of a module not older than `sinceMs` (Unix milliseconds), oldest first, the newest 10,000 at most. */
  recent(module: number, sinceMs: number): readonly Data[];
  /** A stretch of a module's history, in columns. */
  envelope(query: EnvelopeQuery): Promise<Envelope>;
  /** Each part of the system, and in words how it is: what `/ready` says. */
  parts(): Readiness;
  /** Open sockets of viewers. */
  activeStreams(): number;
  /** When this relay was made, Unix milliseconds. */
  readonly startedMs: number;
  /** Every agent that said hello since the relay started, by station. */
  agents(): readonly AgentState[];
  /** Where readings are kept. */
  history(): HistoryState;
  /** Who sent a request, by its cookie or token; null when it has none that is good: send such a person to `/login?next=…`. */
  viewer(request: Request): Viewer | null;
  /** Whether a request comes from no other site's page: its origin is the host that was asked, or an allowed one. */
  isOwnPage(request: Request): boolean;
  /** Lets in whoever sent a token with this request. */
  logIn(token: string, request: Request, info: Deno.ServeHandlerInfo): Login;
  /** The `Set-Cookie` that ends the session of whoever sent this request. */
  logOut(request: Request, info: Deno.ServeHandlerInfo): string;
  /** Publishes on a channel other than `power/…`; returns how many viewers have it. */
  publish(channel: string, message: Publication): number;
  /** Has the agent of a station do something; the outcome always comes, within `timeoutMs`. */
  command(
    station: string,
    name: string,
    params: Readonly<Record<string, unknown>>,
    timeoutMs: number,
  ): Promise<CommandOutcome>;
  /** The instruments behind the agents. */
  readonly instruments: InstrumentsDoor;
  /**
   * Sends every viewer and agent `reconnect` with a slot of its own, closes their sockets with 1012 and the history,
   * all within {@linkcode RelayOptions.drainSeconds}. Afterwards every request is answered with 503.
   */
  drain(reason: string): Promise<void>;
  /** Closes everything at once (sockets with 1001). Idempotent. */
  close(): Promise<void>;
}

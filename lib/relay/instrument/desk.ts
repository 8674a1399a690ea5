// From where the instruments are operated, by REST and by pages: who may, which station is meant, a line in the log for
// each change, and what became of it. Not here: paths (resources.ts), traces (traces.ts).

import {
  type CommandFault,
  type CommandName,
  type CommandParams,
  commands,
  type CommandValue,
  type InvalidParameter,
} from "../../protocol/mod.ts";
import type { Logger } from "../../process/mod.ts";
import { clientAddress, type Proxies } from "../access/address.ts";
import type { Agents } from "../ingest/agents.ts";
import { type Gate, gateProblem } from "../access/gate.ts";
import type { Hub } from "../fanout/hub.ts";
import { originAllowed } from "../sockets/upgrade.ts";

/** Not done, and why: what a problem body says. */
export interface Failure {
  /** Tells it from success. */
  readonly ok: false;
  /** The HTTP status that says as much. */
  readonly status: number;
  /** What could not be done. */
  readonly title: string;
  /** Why, and what to do. */
  readonly detail: string;
  /** What is wrong with which field. */
  readonly errors?: readonly InvalidParameter[];
}

/** What became of a command. */
export type Outcome<N extends CommandName> = { readonly ok: true; readonly value: CommandValue<N> } | Failure;

/** Where a request comes from. */
export interface Sender {
  /** Its token and origin count. */
  readonly request: Request;
  /** Its address goes into the log. */
  readonly info: Pick<Deno.ServeHandlerInfo, "remoteAddr">;
}

/** What a desk is made of. */
export interface DeskOptions {
  readonly agents: Pick<Agents, "states" | "command">;
  readonly hub: Pick<Hub, "stream">;
  readonly gate: Gate;
  /** Whether viewers have tokens. Without, only who sits at this machine may operate. */
  readonly tokens: boolean;
  readonly allowedOrigins: readonly string[];
  readonly proxies: Proxies;
  readonly log: Logger;
}

/** The relay waits a little longer than the agent, whose words are better. */
const relayPatienceMs = 1000;

const statuses: Readonly<Record<CommandFault, number>> = {
  invalid: 400,
  refused: 409,
  absent: 404,
  unavailable: 503,
  timeout: 504,
};

/** Operates the instruments. */
export class Desk {
  readonly #options: DeskOptions;

  /** Does nothing by itself. */
  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Why the sender may not change anything; null where it may. Its origin is always looked at. */
  refusal(sender: Sender): Failure | null {
    if (this.#sameSite(sender.request)) return this.roleRefusal(sender);
    return failure(403, "This origin may not operate", "The request was sent by a page of another site.");
  }

  /** Why the sender is no operator; null where it is one. */
  roleRefusal({ request, info }: Sender): Failure | null {
    const { gate, tokens } = this.#options;
    if (!tokens) {
      return this.#isLocal(request, info)
        ? null
        : failure(403, "Only this machine may operate", "Without VIEWER_SECRET nobody else is told apart.");
    }
    const holder = gate.admit(request);
    if (typeof holder === "string") return { ok: false, ...gateProblem(holder) };
    if (holder.role === "operator") return null;
    return failure(403, "This role may only look", "The instrument is operated with an operator's token.");
  }

  /** Why the sender may not look; null where it may. */
  lookRefusal({ request }: Sender): Failure | null {
    const holder = this.#options.gate.admit(request);
    return typeof holder === "string" ? { ok: false, ...gateProblem(holder) } : null;
  }

  /** The station that is meant: the one that is named, the one that reads `module`, or the only one that is there. */
  station(named: string | undefined, module?: number): string | Failure {
    if (named !== undefined) return named;
    const reader = module === undefined ? null : this.#options.hub.stream(module).station;
    if (reader !== null) return reader;
    const online = this.#options.agents.states().filter(({ state }) => state === "online");
    const [only, ...others] = online;
    if (only === undefined) return failure(503, "There is no instrument", "No agent is connected.");
    if (others.length === 0) return only.station;
    const names = online.map(({ station }) => station).join(", ");
    return failure(400, "Which instrument?", `There are several stations: name one, station=… (${names}).`, [
      { name: "station", reason: "must be given" },
    ]);
  }

  /** Has a station's agent read something. */
  async ask<N extends CommandName>(station: string, name: N, params: CommandParams<N>): Promise<Outcome<N>> {
    const command = commands[name];
    const timeoutMs = 1000 * command.seconds + relayPatienceMs;
    const outcome = await this.#options.agents.command(station, name, params, timeoutMs);
    if (!outcome.ok) {
      const { title, detail = title, code = "unavailable" } = outcome.problem;
      return failure(statuses[code], title, detail);
    }
    const value = command.value.safeParse(outcome.value);
    // Each schema yields its own command's value.
    if (value.success) return { ok: true, value: value.data as CommandValue<N> };
    return failure(502, "The agent's answer cannot be read", `${name}: ${value.error.issues[0]?.message}`);
  }

  /** Has a station's agent change something, if the sender may; one line in the log says who wanted what, and how it ended. */
  async change<N extends CommandName>(
    sender: Sender,
    station: string,
    name: N,
    params: CommandParams<N>,
  ): Promise<Outcome<N>> {
    const outcome = this.refusal(sender) ?? await this.ask(station, name, params);
    this.note(sender, { station, command: name, params }, outcome);
    return outcome;
  }

  /** The line in the log. */
  note(
    sender: Sender,
    wanted: Readonly<Record<string, unknown>>,
    outcome: { readonly ok: true } | Failure,
  ): void {
    const { gate, proxies, log } = this.#options;
    const holder = gate.identify(sender.request);
    log[outcome.ok ? "info" : "warn"]("audit", {
      by: typeof holder === "string" ? null : holder.name,
      address: clientAddress(sender.request.headers, sender.info.remoteAddr, proxies),
      ...wanted,
      outcome: outcome.ok ? "done" : outcome.detail,
    });
  }

  // Pages whose policy is to send no referrer say `Origin: null` with a form: browsers' own word is better where there is one.
  #sameSite(request: Request): boolean {
    const { allowedOrigins } = this.#options;
    const site = request.headers.get("sec-fetch-site");
    const origin = request.headers.get("origin");
    if (site === "same-origin" || site === "none") return true;
    if (origin !== null && allowedOrigins.includes(origin)) return true;
    return site === null && originAllowed(request, allowedOrigins);
  }

  #isLocal({ headers }: Request, { remoteAddr }: Sender["info"]): boolean {
    const { proxies } = this.#options;
    const address = clientAddress(headers, remoteAddr, proxies);
    const forwarded = headers.has("x-forwarded-for") || headers.has("forwarded");
    // Who comes through a proxy that nobody has named does not sit here.
    if (forwarded && proxies.trusted.length === 0) return false;
    return address === "::1" || /^127\./.test(address) || address === "local";
  }
}

/** Something that was not done. */
export function failure(
  status: number,
  title: string,
  detail: string,
  errors?: readonly InvalidParameter[],
): Failure {
  return { ok: false, status, title, detail, ...(errors && { errors }) };
}

// From a request to an open socket: everything that can be refused is refused before the upgrade, with a problem body.

import { closeCode } from "../../protocol/mod.ts";
import { Connection, type ConnectionContext, type Handler, type Party } from "./connection.ts";
import type { Endpoint } from "./endpoints.ts";
import { chooseSubprotocol, type Gate, type GateFault, gateProblem, gateWords } from "../access/gate.ts";
import type { Dialect } from "../fanout/outgoing.ts";
import { isOriginOf } from "../access/host.ts";
import { problemResponse } from "../http/problems.ts";
import type { Registry } from "./registry.ts";
import { asksForWebSocket, upgrade } from "../wire/upgrade.ts";

/** A request that may become a socket. */
export interface UpgradeRequest {
  readonly request: Request;
  readonly address: string;
  readonly endpoint: Endpoint;
  readonly party: Party;
  readonly handler: Handler;
  /** Default: `typed`. */
  readonly dialect?: Dialect;
  /** Whether it gets the health socket's heartbeat. */
  readonly often?: boolean;
  /** Called with the new connection, before it opens. */
  readonly prepare?: (connection: Connection) => void;
}

interface Refusal {
  readonly reason: string;
  readonly response: Response;
}

/** Upgrades requests to sockets that the registry counts. */
export class Upgrader {
  /** `allowedOrigins`: beside the request's own host. */
  constructor(
    readonly context: ConnectionContext,
    readonly registry: Registry,
    readonly gate: Gate,
    readonly allowedOrigins: readonly string[],
  ) {}

  /** The upgrade's answer, or a problem. */
  upgrade(asked: UpgradeRequest): Response {
    const startedMs = performance.now();
    const { request, address, party } = asked;
    const refused = this.#refusal(request, address, party);
    if (refused) return this.#refuse(refused);
    const holder = party === "viewer" ? this.gate.admit(request) : null;
    const fault = handshakeFault(request);
    if (typeof holder !== "string") {
      return fault ? this.#refuse(fault) : this.#open(asked, holder?.expiresMs ?? Infinity, startedMs);
    }
    const turnedAway = this.#refuse({ reason: `token_${holder}`, response: unauthenticated(holder) });
    // A page learns no status of a refused upgrade, only that it failed: it gets an open socket, and the reason as its
    // close code. Everybody else gets the status.
    if (fault || request.headers.get("origin") === null) return turnedAway;
    return this.#open({ ...asked, handler: turnAway(holder) }, Infinity, startedMs);
  }

  /** A place for a poll that is held for a viewer from `address`: what gives it back; null where there is none. */
  seat(address: string): (() => void) | null {
    const full = this.registry.refusal(address);
    if (full === null) return this.registry.seat(address);
    this.context.metrics.refused.add(1, { reason: full });
    return null;
  }

  #open(
    { request, address, endpoint, party, handler, dialect = "typed", often = false, prepare }: UpgradeRequest,
    expiresMs: number,
    startedMs: number,
  ): Response {
    const { messageLength, idleMs } = this.context.limits;
    const protocol = chooseSubprotocol(request.headers);
    const { carrier, response } = upgrade(request, { protocol, messageLength, idleMs });
    const connection = new Connection(
      carrier,
      party,
      endpoint,
      address,
      dialect,
      expiresMs,
      startedMs,
      handler,
      this.context,
    );
    prepare?.(connection);
    this.registry.add(connection, often);
    this.context.metrics.opened.add(1, { endpoint });
    return response;
  }

  #refuse({ reason, response }: Refusal): Response {
    this.context.metrics.refused.add(1, { reason });
    return response;
  }

  #refusal(request: Request, address: string, party: Party): Refusal | null {
    if (!asksForWebSocket(request.headers.get("upgrade"))) {
      return {
        reason: "not_websocket",
        response: problemResponse(426, {
          title: "This path is a WebSocket",
          detail: `Connect to it with ws:// or wss:// instead of ${request.method}.`,
          headers: { upgrade: "websocket", connection: "Upgrade" },
        }),
      };
    }
    if (!originAllowed(request, this.allowedOrigins)) {
      return {
        reason: "origin",
        response: wrongOrigin(request),
      };
    }
    const full = party === "viewer" ? this.registry.refusal(address) : null;
    if (!full) return null;
    return {
      reason: full,
      response: problemResponse(503, {
        title: "Too many viewers",
        detail: full === "max_viewers"
          ? "The relay has as many viewers as it may have."
          : "This address has as many sockets open as it may have.",
        headers: { "retry-after": "10" },
      }),
    };
  }
}

/** What a page's socket does whose token is not accepted. */
function turnAway(fault: GateFault): Handler {
  const code = fault === "wrong_role" ? closeCode.forbidden : closeCode.unauthenticated;
  return { opened: (connection) => connection.close(code, gateWords(fault)), received() {}, ended() {} };
}

/** 16 bytes in base64. */
const keyPattern = /^[A-Za-z0-9+/]{21}[AQgw]==$/;

// What the runtime would throw for, or let pass (Deno 2.9.6). RFC 6455, 4.2.1 and 4.4.
function handshakeFault({ headers }: Request): Refusal | null {
  const names = (headers.get("connection") ?? "").toLowerCase().split(",").map((name) => name.trim());
  if (headers.get("sec-websocket-version") !== "13") {
    return {
      reason: "handshake",
      response: problemResponse(426, {
        title: "This is another version of WebSocket",
        detail: "Send Sec-WebSocket-Version: 13.",
        headers: { upgrade: "websocket", connection: "Upgrade", "sec-websocket-version": "13" },
      }),
    };
  }
  if (names.includes("upgrade") && keyPattern.test(headers.get("sec-websocket-key") ?? "")) return null;
  return {
    reason: "handshake",
    response: problemResponse(400, {
      title: "The handshake is not a WebSocket's",
      detail: "Send Connection: Upgrade, and one Sec-WebSocket-Key of 16 bytes in base64.",
    }),
  };
}

/** The answer to a page that may not connect. */
export function wrongOrigin(request: Request): Response {
  return problemResponse(403, {
    title: "This origin may not connect",
    detail: `Pages of ${request.headers.get("origin")} may not connect here unless ALLOWED_ORIGINS names it.`,
  });
}

/** The answer to a viewer whose token is not accepted. */
export function unauthenticated(fault: GateFault): Response {
  const { status, ...problem } = gateProblem(fault);
  return problemResponse(status, { ...problem, headers: { "www-authenticate": "Bearer" } });
}

/** Whether the page that made this request may: none, one of the request's own host, or one that was allowed. */
export function originAllowed({ headers }: Request, allowed: readonly string[]): boolean {
  const origin = headers.get("origin");
  if (origin === null || allowed.includes(origin)) return true;
  const host = headers.get("host");
  return host !== null && isOriginOf(origin, host);
}

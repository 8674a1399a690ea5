// From a request to an open socket: everything that can be refused is refused before the upgrade, with a problem body.

import { Connection, type ConnectionContext, type Handler, type Party } from "./connection.ts";
import type { Dialect } from "./outgoing.ts";
import { problemResponse } from "./problems.ts";
import type { Registry } from "./registry.ts";

/** A request that may become a socket. */
export interface UpgradeRequest {
  readonly request: Request;
  readonly address: string;
  readonly endpoint: string;
  readonly party: Party;
  readonly handler: Handler;
  /** Default: `typed`. */
  readonly dialect?: Dialect;
  /** Whether it gets the health socket's heartbeat. */
  readonly often?: boolean;
  /** Called with the new connection, before it opens. */
  readonly prepare?: (connection: Connection) => void;
}

/** Upgrades requests to sockets that the registry counts. */
export class Upgrader {
  /** `allowedOrigins`: beside the request's own host. */
  constructor(
    readonly context: ConnectionContext,
    readonly registry: Registry,
    readonly allowedOrigins: readonly string[],
  ) {}

  /** The upgrade's answer, or a problem. */
  upgrade(
    { request, address, endpoint, party, handler, dialect = "typed", often = false, prepare }: UpgradeRequest,
  ): Response {
    const refused = this.#refusal(request, address, party);
    if (refused) {
      this.context.metrics.refused.add(1, { reason: refused.reason });
      return refused.response;
    }
    const { socket, response } = Deno.upgradeWebSocket(request, {
      idleTimeout: Math.ceil(this.context.limits.idleMs / 1000),
    });
    const connection = new Connection(socket, party, endpoint, address, dialect, handler, this.context);
    prepare?.(connection);
    this.registry.add(connection, often);
    this.context.metrics.opened.add(1, { endpoint });
    return response;
  }

  #refusal(request: Request, address: string, party: Party): { reason: string; response: Response } | null {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
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
        response: problemResponse(403, {
          title: "This origin may not connect",
          detail: `Pages of ${
            request.headers.get("origin")
          } may not connect here unless ALLOWED_ORIGINS names it.`,
        }),
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

/** Whether the page that made this request may: none, one of the request's own host, or one that was allowed. */
export function originAllowed(request: Request, allowed: readonly string[]): boolean {
  const origin = request.headers.get("origin");
  if (origin === null || allowed.includes(origin)) return true;
  const host = request.headers.get("host");
  try {
    return host !== null && new URL(origin).host === host;
  } catch {
    return false;
  }
}

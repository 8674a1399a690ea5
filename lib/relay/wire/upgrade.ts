// From a request to a WebSocket: on the request's own connection where our listener took it, on the runtime's otherwise.

import { createHash } from "node:crypto";
import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { upgradeSpan } from "../metrics/telemetry.ts";
import type { Upgraded, UpgradeOptions } from "./carrier.ts";
import { upgradeHosted } from "./hosted_carrier.ts";
import { NetCarrier } from "./net_carrier.ts";

const offers = new WeakMap<Request, Offer>();

/** Whether an `Upgrade` header names WebSocket among the protocols that a client would like. */
export function asksForWebSocket(header: string | null | undefined): boolean {
  return (header ?? "").split(",").some((protocol) => protocol.trim().toLowerCase() === "websocket");
}

/** The connections of a listener that were asked to become sockets, and what has become of them. */
export class Upgrades {
  readonly #carriers = new Map<Socket, NetCarrier | null>();
  // One function for all connections: closures of their own would be memory of idle viewers.
  readonly #data: (this: Socket, chunk: Uint8Array) => void;
  readonly #end: (this: Socket) => void;
  readonly #close: (this: Socket) => void;

  /** None yet. */
  constructor() {
    const carriers = this.#carriers;
    this.#data = function (chunk) {
      carriers.get(this)?.take(chunk);
    };
    this.#end = function () {
      carriers.get(this)?.finish();
    };
    this.#close = function () {
      const carrier = carriers.get(this);
      carriers.delete(this);
      carrier?.end();
    };
  }

  /** A connection is asked to become one. */
  add(connection: Socket): void {
    this.#carriers.set(connection, null);
    connection.on("error", ignore).on("close", this.#close);
  }

  /** It has become one; false where it is closed already. */
  begin(connection: Socket, carrier: NetCarrier): boolean {
    if (!this.#carriers.has(connection)) return false;
    this.#carriers.set(connection, carrier);
    return true;
  }

  /** From now on its carrier is told what it brings. */
  listen(connection: Socket): void {
    connection.on("data", this.#data).on("end", this.#end);
  }

  /** {@linkcode NetCarrier.watch} */
  watch(nowMs: number): void {
    for (const carrier of this.#carriers.values()) carrier?.watch(nowMs);
  }

  /** Ends all of them at once. */
  destroy(): void {
    for (const connection of this.#carriers.keys()) connection.destroy();
  }
}

// `close` follows.
function ignore(): void {}

/** The answer to a request that may become a socket: until it does, one like any other, after which the connection ends. */
export class Offer extends ServerResponse {
  readonly #connection: Socket;
  readonly #head: Uint8Array;
  readonly #upgrades: Upgrades;
  #endSpan: ((status: number) => void) | null = null;

  /** `head`: what came behind the request. */
  constructor(incoming: IncomingMessage, connection: Socket, head: Uint8Array, upgrades: Upgrades) {
    super(incoming);
    this.#connection = connection;
    this.#head = head;
    this.#upgrades = upgrades;
    upgrades.add(connection);
    this.shouldKeepAlive = false;
    this.once("finish", () => {
      this.#endSpan?.(this.statusCode);
      connection.destroySoon();
    });
    this.assignSocket(connection);
  }

  /** Makes it known for which request it is. */
  of(request: Request): void {
    offers.set(request, this);
    this.#endSpan = upgradeSpan(request.method, request.url);
  }

  /** Switches protocols. */
  take(request: Request, options: UpgradeOptions): NetCarrier {
    const connection = this.#connection;
    this.detachSocket(connection);
    this.#endSpan?.(101);
    connection.setNoDelay(true);
    connection.write(switching(request.headers.get("sec-websocket-key") ?? "", options.protocol));
    const carrier = new NetCarrier(connection, options, performance.now());
    const begun = this.#upgrades.begin(connection, carrier);
    // Whoever asked for it listens by then.
    queueMicrotask(() => {
      if (!begun) return carrier.end();
      carrier.listener?.opened();
      if (this.#head.length > 0) carrier.take(this.#head);
      this.#upgrades.listen(connection);
    });
    return carrier;
  }
}

/** Makes a socket of a request for one that `listen` or `Deno.serve` has taken, and whose handshake is right. */
export function upgrade(request: Request, options: UpgradeOptions): Upgraded {
  const offer = offers.get(request);
  if (!offer) return upgradeHosted(request, options);
  return { carrier: offer.take(request, options), response: RESPONSE_ALREADY_SENT };
}

/** RFC 6455, 4.2.2. */
function switching(key: string, protocol: string | null): string {
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  return [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
    ...(protocol === null ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
    "\r\n",
  ].join("\r\n");
}

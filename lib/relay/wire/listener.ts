// The relay's own listener. It stands on node:http, which hands out the TCP connection of an upgrade: a viewer then takes
// half the memory that the runtime's own WebSocket does, and a message that is too long is refused before it has come
// (bench/fanout.ts). What the application answers goes through Hono's adapter.

import { createServer, type IncomingMessage, type ServerOptions } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { compress } from "hono/compress";
import type { Logger } from "../../process/mod.ts";
import { problemResponse } from "../http/problems.ts";
import { keepAccepting } from "./accepting.ts";
import { asksForWebSocket, Offer, Upgrades } from "./upgrade.ts";

/** Where to listen. `port` 0: any free one. */
export interface Address {
  /** A host name or an IP address of this machine. */
  readonly host: string;
  /** 0 to 65535. */
  readonly port: number;
}

/** A listener that listens. */
export interface Listener {
  /** The host's IP address, and the port. */
  readonly address: Address;
  /** Takes no more requests, and resolves when all are answered and every connection has ended. */
  finish(): Promise<void>;
  /** Ends every connection. */
  close(): Promise<void>;
}

const backlog = 4096;
const watchEveryMs = 1000;
/** Requests of one connection, sent without waiting for their answers. No browser does so, and each answer takes memory until it is read. */
const unansweredAtMost = 8;
/** A connection on which nothing moves for so long ends: longer than the longest answer takes to begin. */
const stillMs = 120_000;
/** Stands for the host of a request that names none: HTTP/1.0, a load balancer's probe. */
const nameless = "localhost";
const options: ServerOptions & { shouldUpgradeCallback: (incoming: IncomingMessage) => boolean } = {
  // Longer than the minute for which proxies keep a connection: whoever closes first must not be this end.
  keepAliveTimeout: 65_000,
  maxHeaderSize: 64 * 1024,
  // An upgrade has no body, and another protocol than this one is not offered.
  shouldUpgradeCallback: ({ method, headers, httpVersion }) =>
    method === "GET" && httpVersion !== "1.0" && asksForWebSocket(headers.upgrade),
};

/**
 * Answers requests with `handler` until it is closed; what is worth it is compressed. `log` hears when it could not go on.
 * @throws {Error} of node:net, its `code` one of `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`.
 */
export async function listen(
  handler: Deno.ServeHandler,
  { host, port }: Address,
  log: Logger,
): Promise<Listener> {
  const upgrades = new Upgrades();
  const app = new Hono<{ Bindings: HttpBindings }>()
    .use(compress())
    .onError((error) => {
      log.error("a request failed", { reason: error.stack ?? error.message });
      return problemResponse(500, { title: "The relay failed on this request" });
    })
    .all("*", ({ req: { raw }, env: { incoming, outgoing } }) => {
      if (outgoing instanceof Offer) outgoing.of(raw);
      const fault = faultOf(raw, incoming);
      if (fault) return fault;
      return handler(nativeRequest(raw), connectionOf(incoming, outgoing));
    });
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false, hostname: nameless });
  const unanswered = new WeakMap<Socket, number>();
  const server = createServer(options, (incoming, outgoing) => {
    const { socket } = incoming;
    const before = unanswered.get(socket) ?? 0;
    if (before === unansweredAtMost) return socket.destroy();
    unanswered.set(socket, before + 1);
    socket.setTimeout(stillMs);
    outgoing.once("close", () => unanswered.set(socket, (unanswered.get(socket) ?? 0) - 1));
    answer(incoming, outgoing);
  });
  server.on("upgrade", (incoming: IncomingMessage, socket: Socket, head: Uint8Array) => {
    try {
      answer(incoming, new Offer(incoming, socket, head, upgrades));
    } catch {
      // It came behind a request that is not answered yet, whose connection this is.
      socket.destroy();
    }
  });
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen({ host: host.replace(/^\[(.*)\]$/, "$1"), port, backlog }, listening.resolve);
  await listening.promise;
  server.on("error", (error) => log.error("listening failed", { reason: String(error) }));
  const address = addressOf(server.address());
  const endAccepting = keepAccepting(server, { ...address, backlog }, log);
  const watch = setInterval(() => upgrades.watch(performance.now()), watchEveryMs);
  const finish = () => {
    endAccepting();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return {
    address,
    finish,
    close: () => {
      clearInterval(watch);
      const finished = finish();
      server.closeAllConnections();
      upgrades.destroy();
      return finished;
    },
  };
}

/** What no handler may get. */
function faultOf({ method, headers }: Request, { httpVersion }: HttpBindings["incoming"]): Response | null {
  // The runtime makes no request of it.
  if (method === "TRACE") return problemResponse(501, { title: "TRACE is not known here" });
  // RFC 9110, 7.8.
  if (httpVersion === "1.0" && asksForWebSocket(headers.get("upgrade"))) {
    return problemResponse(426, {
      title: "A WebSocket needs HTTP/1.1",
      headers: { upgrade: "websocket", connection: "Upgrade" },
    });
  }
  const host = headers.get("host");
  // RFC 9112, 3.2. Two of them come here joined by a comma, which no host has.
  const isOne = host === null ? httpVersion === "1.0" : !host.includes(",");
  return isOne
    ? null
    : problemResponse(400, { title: "A request names one host", detail: "Send one Host header." });
}

/** A request with a body as the runtime's own, of which alone another can be made. To ask the adapter's for more costs. */
function nativeRequest(request: Request): Request {
  if (request.method === "GET" || request.method === "HEAD") return request;
  const { method, url, headers, body } = request;
  return new Request(url, { method, headers, body });
}

function connectionOf(
  { socket }: HttpBindings["incoming"],
  outgoing: HttpBindings["outgoing"],
): Deno.ServeHandlerInfo {
  const { remoteAddress: hostname = "", remotePort: port = 0 } = socket;
  return {
    remoteAddr: { transport: "tcp", hostname, port },
    get completed() {
      return new Promise<void>((resolve) => outgoing.once("close", resolve));
    },
  };
}

function addressOf(address: AddressInfo | string | null): Address {
  if (address === null || typeof address === "string") throw new TypeError("The listener has no port.");
  return { host: address.address, port: address.port };
}

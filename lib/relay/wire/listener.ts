// The relay's own listener. It stands on node:http, which hands out the TCP connection of an upgrade: a viewer then takes
// half the memory that the runtime's own WebSocket does, and a message that is too long is refused before it has come
// (bench/fanout.ts). What the application answers goes through Hono's adapter.

import { createServer, type IncomingMessage, type ServerOptions } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { compress } from "hono/compress";
import { Offer, Upgrades } from "./upgrade.ts";

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
/** An upgrade has no body, and another protocol than this one is not offered. */
const options: ServerOptions & { shouldUpgradeCallback: (incoming: IncomingMessage) => boolean } = {
  shouldUpgradeCallback: ({ method, headers }) =>
    method === "GET" && headers.upgrade?.toLowerCase() === "websocket",
};

/**
 * Answers requests with `handler` until it is closed; what is worth it is compressed.
 * @throws {Error} of node:net, its `code` one of `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`.
 */
export async function listen(handler: Deno.ServeHandler, { host, port }: Address): Promise<Listener> {
  const upgrades = new Upgrades();
  const app = new Hono<{ Bindings: HttpBindings }>()
    .use(compress())
    .all("*", ({ req: { raw }, env: { incoming, outgoing } }) => {
      if (outgoing instanceof Offer) outgoing.of(raw);
      return handler(raw, connectionOf(incoming, outgoing));
    });
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer(options, answer);
  server.on("upgrade", (incoming: IncomingMessage, socket: Socket, head: Uint8Array) => {
    answer(incoming, new Offer(incoming, socket, head, upgrades));
  });
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen({ host, port, backlog }, listening.resolve);
  await listening.promise;
  const watch = setInterval(() => upgrades.watch(Date.now()), watchEveryMs);
  const closed = new Promise<void>((resolve) => server.on("close", resolve));
  return {
    address: addressOf(server.address()),
    finish: () => {
      server.close();
      return closed;
    },
    close: () => {
      clearInterval(watch);
      server.close();
      server.closeAllConnections();
      upgrades.destroy();
      return closed;
    },
  };
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

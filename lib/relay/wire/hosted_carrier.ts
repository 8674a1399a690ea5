// A WebSocket of the runtime's own, where `Deno.serve` listens (`task dev`, and hosts of their own): several times the
// memory of one of our listener's, and a message that is too long is refused only when the runtime has read it.

import { closeCode } from "../../protocol/mod.ts";
import {
  type Carrier,
  type CarrierListener,
  type Encoded,
  lost,
  type Upgraded,
  type UpgradeOptions,
} from "./carrier.ts";

// An `error` is always followed by `close`.
const eventTypes = ["open", "message", "close"] as const;
const encoder = new TextEncoder();

/** Upgrades a request that `Deno.serve` has made. */
export function upgradeHosted(
  request: Request,
  { protocol, messageLength, idleMs }: UpgradeOptions,
): Upgraded {
  // Deno (2.9.6) can agree only to one that stands in the list as browsers write it, with a space after each comma.
  const listed = request.headers.get("sec-websocket-protocol")?.split(", ") ?? [];
  const { socket, response } = Deno.upgradeWebSocket(request, {
    idleTimeout: Math.ceil(idleMs / 1000),
    ...(protocol !== null && listed.includes(protocol) ? { protocol } : {}),
  });
  return { carrier: new HostedCarrier(socket, messageLength), response };
}

class HostedCarrier implements Carrier, EventListenerObject {
  listener: CarrierListener | null = null;
  readonly #socket: WebSocket;
  readonly #messageLength: number;
  #closing: { readonly code: number; readonly reason: string } | null = null;

  constructor(socket: WebSocket, messageLength: number) {
    this.#socket = socket;
    this.#messageLength = messageLength;
    for (const type of eventTypes) socket.addEventListener(type, this);
  }

  get queuedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send({ text }: Encoded): boolean {
    if (this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(text);
    return true;
  }

  close(code: number, reason: string): void {
    this.#closing = { code, reason };
    this.#socket.close(code, reason);
  }

  handleEvent(event: Event): void {
    if (event instanceof MessageEvent) this.#receive(event.data);
    else if (event instanceof CloseEvent) this.#gone(event.code);
    // Deno forgets a close that came before the socket was open (2.9.6).
    else if (this.#closing !== null) this.#socket.close(this.#closing.code, this.#closing.reason);
    else this.listener?.opened();
  }

  #receive(data: unknown): void {
    if (!isLonger(data, this.#messageLength)) {
      this.listener?.received(typeof data === "string" ? data : null);
    } else this.listener?.faulted(closeCode.tooBig, `a message over ${this.#messageLength} bytes`);
  }

  // Deno dispatches `close` twice after an idle timeout (2.9.6).
  #gone(code: number): void {
    for (const type of eventTypes) this.#socket.removeEventListener(type, this);
    // 0: there was no close frame, and no error either (Deno 2.9.6).
    this.listener?.gone(code || lost);
  }
}

/** Whether what a socket received has more than `limit` bytes; a character of text has one to three. */
function isLonger(data: unknown, limit: number): boolean {
  if (typeof data !== "string") return data instanceof ArrayBuffer && data.byteLength > limit;
  return data.length > limit || (3 * data.length > limit && encoder.encode(data).length > limit);
}

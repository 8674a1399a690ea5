// `/api/v1/ws/v2/health`: a socket that only tells whether there is a connection.

import { viewerMessage } from "../protocol/mod.ts";
import type { Connection, Handler } from "./connection.ts";
import { decode } from "./decode.ts";
import { heartbeatFrame, pongFrame } from "./frames.ts";

/** The handler of every health socket: it has no state. */
export class HealthHandler implements Handler {
  /** `activeStreams` is read for the heartbeat on opening; the later ones are the registry's. */
  constructor(readonly activeStreams: () => number, readonly now: () => number) {}

  /** The first heartbeat. */
  opened(connection: Connection): void {
    connection.send(heartbeatFrame(this.now(), this.activeStreams()));
  }

  /** `ping`, bare or as JSON. */
  received(connection: Connection, text: string): void {
    const message = text === "ping" ? null : decode(viewerMessage, text);
    if (typeof message === "string") return connection.reject(message);
    connection.send(pongFrame(this.now()));
  }

  /** Nothing to undo. */
  ended(): void {}
}

// A viewer that is no browser: a WebSocket with everything that came over it, and the history as polls tell it.

import {
  type Data,
  type ErrorMessage,
  type Heartbeat,
  readingsPage,
  type RelayMessage,
  relayMessage,
} from "../../lib/protocol/mod.ts";
import { until } from "../support/until.ts";

/** A message with the time at which it came, Unix milliseconds. */
export interface Received {
  readonly atMs: number;
  /** As it was parsed, before any schema. */
  readonly raw: Record<string, unknown>;
  readonly message: RelayMessage;
}

/** An open socket. Disposing of it closes it. */
export interface Viewer extends AsyncDisposable {
  readonly socket: WebSocket;
  readonly received: readonly Received[];
  /** The readings that came live, one message each. */
  data(): readonly Data[];
  /** The errors that came. */
  errors(): readonly ErrorMessage[];
  /** The heartbeats that came. */
  heartbeats(): readonly Heartbeat[];
}

/** Opens a socket on the relay. Every message must match the protocol's schema. */
export async function openViewer(origin: string, path: string): Promise<Viewer> {
  const socket = new WebSocket(`${origin.replace("http", "ws")}${path}`);
  const received: Received[] = [];
  const closed = new Promise<void>((resolve) => socket.addEventListener("close", () => resolve()));
  socket.onmessage = ({ data }) => {
    const raw = JSON.parse(data);
    received.push({ atMs: Date.now(), raw, message: relayMessage.parse(raw) });
  };
  await until(`${path} to open`, () => socket.readyState === WebSocket.OPEN);
  return {
    socket,
    received,
    data: () => received.flatMap(({ message }) => message.type === "data" ? [message] : []),
    errors: () => received.flatMap(({ message }) => message.type === "error" ? [message] : []),
    heartbeats: () => received.flatMap(({ message }) => message.type === "heartbeat" ? [message] : []),
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed;
    },
  };
}

/** Every reading of a module after `since`, from as many polls as it takes. */
export async function history(origin: string, since?: string, module = 4): Promise<readonly Data[]> {
  const all: Data[] = [];
  for (let cursor = since;;) {
    const query = new URLSearchParams({ module: String(module), limit: "1000" });
    if (cursor !== undefined) query.set("since", cursor);
    const response = await fetch(`${origin}/api/v1/readings?${query}`);
    const page = readingsPage.parse(await response.json());
    if (page.missing) throw new Error(`the history lacks ${JSON.stringify(page.missing)}`);
    all.push(...page.readings);
    if (page.readings.length === 0 || page.cursor === null || cursor === undefined) return all;
    cursor = page.cursor;
  }
}

/** Where two neighbours are not one sequence number apart: nothing, where no reading is missing and none comes twice. */
export function breaks(readings: readonly Pick<Data, "cursor">[]): readonly string[] {
  return readings.slice(1).flatMap(({ cursor }, index) => {
    const before = readings[index]?.cursor ?? "";
    return place(cursor).epoch === place(before).epoch && place(cursor).seq === place(before).seq + 1
      ? []
      : [`${before} → ${cursor}`];
  });
}

/** The longest time between two neighbours' timestamps, in seconds. */
export function longestPause(readings: readonly Pick<Data, "timestamp">[]): number {
  return Math.max(
    0,
    ...readings.slice(1).map(({ timestamp }, i) => timestamp - (readings[i]?.timestamp ?? 0)),
  );
}

function place(cursor: string): { epoch: string; seq: number } {
  const [epoch = "", seq] = cursor.split("-");
  return { epoch, seq: Number(seq) };
}

// An agent without an instrument: it sends whatever it is told to.

import { readingsFrom } from "../../tests/support/reading.ts";

/** A connected agent. */
export interface BenchAgent {
  /** Sends `count` readings in one message, the last of them taken at `timestamp` (Unix seconds), 10 ms apart. */
  read(timestamp: number, count?: number): void;
  /** Readings so far. */
  readonly sent: number;
  /** Readings that the relay has stored. */
  readonly acknowledged: number;
  /** Leaves. */
  close(): void;
}

/** Connects to the relay on `port`. */
export async function connectAgent(port: number): Promise<BenchAgent> {
  const boot = "bench0001";
  const socket: WebSocket = Reflect.construct(WebSocket, [
    `ws://127.0.0.1:${port}/api/v1/agent?station=bench-1`,
    { headers: { authorization: "Bearer bench-agent-token" } },
  ]);
  let [sent, acknowledged] = [0, 0];
  socket.onmessage = ({ data }) => acknowledged = JSON.parse(data).through ?? acknowledged;
  await new Promise((resolve) => socket.onopen = resolve);
  socket.send(JSON.stringify({ type: "hello", station: "bench-1", boot, identity: null, modules: [4] }));
  return {
    read(timestamp, count = 1) {
      const items = readingsFrom(timestamp - (count - 1) / 100, count, 100);
      socket.send(JSON.stringify({ type: "readings", boot, first: sent + 1, items }));
      sent += count;
    },
    get sent() {
      return sent;
    },
    get acknowledged() {
      return acknowledged;
    },
    close: () => socket.close(),
  };
}

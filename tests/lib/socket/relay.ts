// A small relay with a history: replay on `since`, live readings, polls. Over it tests cut, kill and come back.

import { page, sinceOf } from "./fetches.ts";
import { reading, readings } from "./readings.ts";
import { serve, type TestServer, type TestServerOptions } from "./server.ts";

/** A relay of module 4. */
export interface TestRelay extends AsyncDisposable {
  /** The server below. */
  readonly server: TestServer;
  /** The newest sequence number. */
  readonly seq: number;
  /** How many sockets were opened. */
  readonly upgrades: number;
  /** One more reading, to whoever is there. */
  publish(): void;
  /** Cuts every socket, as a relay that dies. */
  cut(): void;
}

/** A file that a relay serves beside its API. */
export interface TestFile {
  /** Its media type. */
  readonly type: string;
  /** What is in it. */
  readonly text: string;
}

/** Starts a relay that has `seq` readings already, and serves `files` by their paths. */
export function startRelay(
  seq = 0,
  options: TestServerOptions = {},
  files: Readonly<Record<string, TestFile>> = {},
): TestRelay {
  let newest = seq;
  const server = serve({
    answer(request) {
      const url = new URL(request.url);
      const file = files[url.pathname];
      if (file) return new Response(file.text, { headers: { "content-type": file.type } });
      const since = sinceOf(url);
      return page(readings(since + 1, Math.min(newest, since + 1_000)));
    },
    onOpen(socket, url) {
      if (!url.searchParams.has("since")) return;
      socket.send(
        JSON.stringify({
          type: "replay",
          module: 4,
          readings: readings(sinceOf(url) + 1, newest),
          complete: true,
        }),
      );
    },
    ...options,
  });
  return {
    server,
    get seq() {
      return newest;
    },
    get upgrades() {
      return server.requests.filter(({ pathname }) => pathname === "/api/v1/ws/v2/power").length;
    },
    publish() {
      const text = JSON.stringify(reading(++newest));
      for (const socket of server.sockets) if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    cut() {
      for (const socket of server.sockets) socket.close(1011, "cut");
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

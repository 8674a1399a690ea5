// A real WebSocket and HTTP server of a few lines for the tests of lib/socket: each test says what it answers.

/** A running server on a free loopback port. */
export interface TestServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`. */
  readonly base: string;
  /** The same for sockets. */
  readonly ws: string;
  /** The address of every request so far, sockets and polls alike. */
  readonly requests: readonly URL[];
  /** The sockets that are open. */
  readonly sockets: ReadonlySet<WebSocket>;
  /** Every message that came on any of them. */
  readonly messages: readonly string[];
  /** Resolves when `holds` says so of this server: looked at whenever something comes or goes. */
  until(holds: (server: TestServer) => boolean): Promise<void>;
}

/** What a test's server does. */
export interface TestServerOptions {
  /** A socket opened. */
  readonly onOpen?: (socket: WebSocket, url: URL) => void;
  /** A message came. */
  readonly onMessage?: (socket: WebSocket, text: string) => void;
  /** Every socket is refused while this is true. */
  readonly refuses?: () => boolean;
  /** Answers everything that is no upgrade. */
  readonly answer?: (request: Request) => Response | Promise<Response>;
  /** Answers a `ping` itself. Default true. */
  readonly pongs?: boolean;
  /** The port; default any free one. */
  readonly port?: number;
}

/** Starts a server. */
export function serve(options: TestServerOptions = {}): TestServer {
  const requests: URL[] = [];
  const sockets = new Set<WebSocket>();
  const messages: string[] = [];
  const closed: Promise<void>[] = [];
  const waiting = new Set<() => void>();
  const changed = () => waiting.forEach((look) => look());
  const server = Deno.serve({ port: options.port ?? 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const url = new URL(request.url);
    requests.push(url);
    changed();
    if (request.headers.get("upgrade") !== "websocket") {
      return options.answer?.(request) ?? new Response(null, { status: 404 });
    }
    if (options.refuses?.()) return new Response(null, { status: 503 });
    const { socket, response } = Deno.upgradeWebSocket(request);
    const end = Promise.withResolvers<void>();
    closed.push(end.promise);
    socket.onopen = () => {
      sockets.add(socket);
      changed();
      options.onOpen?.(socket, url);
    };
    socket.onclose = () => {
      sockets.delete(socket);
      changed();
      end.resolve();
    };
    socket.onmessage = ({ data }) => {
      messages.push(data);
      options.onMessage?.(socket, data);
      changed();
      if (options.pongs !== false && data === '{"type":"ping"}') {
        socket.send('{"type":"pong","timestamp":"2026-01-01T00:00:00Z"}');
      }
    };
    return response;
  });
  const base = `http://127.0.0.1:${server.addr.port}`;
  const running: TestServer = {
    base,
    ws: base.replace("http", "ws"),
    requests,
    sockets,
    messages,
    until(holds) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = () => {
        if (!holds(running)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
      return promise;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.close();
      await Promise.all(closed);
      await server.shutdown();
    },
  };
  return running;
}

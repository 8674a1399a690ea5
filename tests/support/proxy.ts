// A TCP proxy that behaves as badly as a test asks: it refuses, swallows, delays, throttles, cuts, or turns down
// WebSocket upgrades as some companies' proxies do. It knows nothing of HTTP but the head of an upgrade request.

/** How the proxy treats bytes from now on, on open connections too. */
export type ProxyMode =
  /** Hands everything on. */
  | { readonly type: "pass" }
  /** Nobody listens: new connections are refused, open ones are cut. */
  | { readonly type: "refuse" }
  /** Connections open and stay open, and not a byte arrives; what was held back arrives in a later mode. */
  | { readonly type: "blackhole" }
  /** Every byte comes this much later. */
  | { readonly type: "delay"; readonly ms: number }
  /** Each direction of each connection carries at most so much. */
  | { readonly type: "throttle"; readonly bytesPerSecond: number }
  /** Plain HTTP passes; a WebSocket upgrade is answered with this status. */
  | { readonly type: "refuse_upgrades"; readonly status: 403 | 426 };

/** A running proxy. */
export interface Proxy extends AsyncDisposable {
  readonly port: number;
  /** Connections that are open now. */
  readonly connections: number;
  /** WebSocket upgrades that were turned down so far. */
  readonly refusedUpgrades: number;
  /** Changes the behaviour at once. */
  become(mode: ProxyMode): void;
  /** Cuts every open connection, without a WebSocket close; new ones are welcome. */
  cut(): void;
}

const hostname = "127.0.0.1";

/** Starts a proxy on a free loopback port in front of `targetPort` on loopback. */
export function startProxy(targetPort: number, mode: ProxyMode = { type: "pass" }): Proxy {
  return new TcpProxy(targetPort, mode);
}

class TcpProxy implements Proxy {
  readonly port: number;
  refusedUpgrades = 0;
  #mode: ProxyMode;
  #modeChanged = Promise.withResolvers<void>();
  #listener: Deno.Listener | null;
  readonly #targetPort: number;
  readonly #open = new Set<AbortController>();
  readonly #running = new Set<Promise<void>>();

  constructor(targetPort: number, mode: ProxyMode) {
    this.#targetPort = targetPort;
    this.#mode = mode;
    this.#listener = Deno.listen({ hostname, port: 0 });
    this.port = portOf(this.#listener);
    this.#accept(this.#listener);
    this.become(mode);
  }

  get connections(): number {
    return this.#open.size;
  }

  become(mode: ProxyMode): void {
    this.#mode = mode;
    this.#modeChanged.resolve();
    this.#modeChanged = Promise.withResolvers();
    if (mode.type === "refuse") {
      this.#listener?.close();
      this.#listener = null;
      this.cut();
    } else if (this.#listener === null) {
      this.#listener = Deno.listen({ hostname, port: this.port });
      this.#accept(this.#listener);
    }
  }

  cut(): void {
    for (const connection of this.#open) connection.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.become({ type: "refuse" });
    await Promise.all(this.#running);
  }

  #accept(listener: Deno.Listener): void {
    this.#track((async () => {
      // The iterator ends when the listener is closed.
      for await (const client of listener) this.#track(this.#serve(client));
    })());
  }

  #track(work: Promise<void>): void {
    this.#running.add(work);
    work.finally(() => this.#running.delete(work));
  }

  async #serve(client: Deno.Conn): Promise<void> {
    const cut = new AbortController();
    this.#open.add(cut);
    const target = await this.#connect();
    const close = () => {
      for (const connection of [client, target]) {
        try {
          connection?.close();
        } catch (error) {
          if (!(error instanceof Deno.errors.BadResource)) throw error;
        }
      }
    };
    if (cut.signal.aborted || target === null) {
      close();
    } else {
      cut.signal.addEventListener("abort", close, { once: true });
      await Promise.all([
        this.#pump(client, target, cut, true),
        this.#pump(target, client, cut, false),
      ]);
    }
    this.#open.delete(cut);
  }

  async #connect(): Promise<Deno.Conn | null> {
    try {
      return await Deno.connect({ hostname, port: this.#targetPort });
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionRefused) return null;
      throw error;
    }
  }

  // Whichever direction ends first ends the connection: half-open connections are not among what the tests need.
  async #pump(from: Deno.Conn, to: Deno.Conn, cut: AbortController, upstream: boolean): Promise<void> {
    const buffer = new Uint8Array(16 * 1024);
    let written: Promise<void> = Promise.resolve();
    try {
      while (!cut.signal.aborted) {
        const length = await from.read(buffer);
        if (length === null) break;
        const chunk = buffer.slice(0, length);
        const mode = this.#mode;
        if (upstream && mode.type === "refuse_upgrades" && isUpgrade(chunk)) {
          this.refusedUpgrades++;
          await writeAll(from, refusal(mode.status));
          break;
        }
        if (mode.type === "delay") {
          const releaseAt = Date.now() + mode.ms;
          written = written.then(() => pause(releaseAt - Date.now(), cut.signal)).then(() =>
            writeAll(to, chunk)
          );
          written.catch(() => cut.abort());
        } else {
          await written;
          await this.#hand(chunk, to, cut.signal);
        }
      }
      await written;
    } catch (error) {
      if (!isEndOfConnection(error)) throw error;
    } finally {
      cut.abort();
    }
  }

  async #hand(chunk: Uint8Array, to: Deno.Conn, cut: AbortSignal): Promise<void> {
    while (this.#mode.type === "blackhole" && !cut.aborted) {
      await Promise.race([this.#modeChanged.promise, aborted(cut)]);
    }
    if (this.#mode.type === "throttle") await pause(chunk.length / this.#mode.bytesPerSecond * 1000, cut);
    await writeAll(to, chunk);
  }
}

function portOf(listener: Deno.Listener): number {
  if (listener.addr.transport !== "tcp") throw new Error("a TCP listener without a port");
  return listener.addr.port;
}

// Clients send the head of an upgrade in one piece and never after something else in the same packet.
function isUpgrade(chunk: Uint8Array): boolean {
  const text = new TextDecoder().decode(chunk);
  return text.startsWith("GET ") && /\r\nupgrade:\s*websocket\r\n/i.test(text);
}

function refusal(status: 403 | 426): Uint8Array {
  const reason = status === 403 ? "Forbidden" : "Upgrade Required";
  return new TextEncoder().encode(
    `HTTP/1.1 ${status} ${reason}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
  );
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function pause(ms: number, cut: AbortSignal): Promise<void> {
  if (ms <= 0 || cut.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      cut.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    cut.addEventListener("abort", end);
  });
}

async function writeAll(to: Deno.Conn, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length;) done += await to.write(chunk.subarray(done));
}

function isEndOfConnection(error: unknown): boolean {
  return [
    Deno.errors.BadResource,
    Deno.errors.BrokenPipe,
    Deno.errors.ConnectionReset,
    Deno.errors.ConnectionAborted,
    Deno.errors.Interrupted,
    Deno.errors.NotConnected,
  ].some((kind) => error instanceof kind);
}

// A TCP proxy that cuts, delays, throttles and blackholes on a seeded schedule: the network between a page and its relay.

/** A number generator that a seed makes repeatable (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = state + 0x6d2b79f5 >>> 0;
    let mixed = Math.imul(state ^ state >>> 15, state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}

/** What the network does to every byte. */
export type Weather = "fair" | "delay" | "throttle" | "blackhole" | "refuse";

/** A running proxy. */
export interface Proxy extends AsyncDisposable {
  /** Its port. */
  readonly port: number;
  /** From now on. */
  weather: Weather;
  /** How many connections were cut. */
  readonly cuts: number;
  /** Cuts every connection. */
  cut(): void;
}

/** Starts a proxy to `target`, a port of this machine. */
export function startProxy(target: number): Proxy {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const open = new Set<Deno.Conn>();
  const pipes = new Set<Promise<void>>();
  const timers = new Map<ReturnType<typeof setTimeout>, () => void>();
  let weather: Weather = "fair";
  let cuts = 0;

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const id = setTimeout(() => {
        timers.delete(id);
        resolve();
      }, ms);
      timers.set(id, resolve);
    });
  }

  async function pipe(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(16_384);
    try {
      for (let read = await from.read(buffer); read !== null; read = await from.read(buffer)) {
        if (weather === "delay") await pause(80);
        if (weather === "throttle") await pause(read / 10);
        // TCP sends again what a blackhole swallowed: nothing is lost within a connection, it only comes too late
        while (weather === "blackhole" && open.has(from)) await pause(10);
        for (let sent = 0; sent < read;) sent += await to.write(buffer.subarray(sent, read));
      }
    } catch {
      // one side is gone: so is the other
    }
    end(from);
    end(to);
  }

  function end(connection: Deno.Conn): void {
    if (!open.delete(connection)) return;
    try {
      connection.close();
    } catch {
      // it was closed from elsewhere
    }
  }

  function follow(work: Promise<void>): void {
    pipes.add(work);
    work.finally(() => pipes.delete(work));
  }

  async function join(client: Deno.Conn): Promise<void> {
    open.add(client);
    if (weather === "refuse") return end(client);
    const server = await Deno.connect({ port: target, hostname: "127.0.0.1" });
    open.add(server);
    follow(pipe(client, server));
    follow(pipe(server, client));
  }

  const accepting = (async () => {
    for await (const client of listener) follow(join(client));
  })();

  return {
    port: listener.addr.transport === "tcp" ? listener.addr.port : 0,
    get weather() {
      return weather;
    },
    set weather(next) {
      weather = next;
    },
    get cuts() {
      return cuts;
    },
    cut() {
      cuts += open.size > 0 ? 1 : 0;
      for (const connection of [...open]) end(connection);
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const [id, resolve] of timers) {
        clearTimeout(id);
        resolve();
      }
      for (const connection of [...open]) end(connection);
      await accepting;
      while (pipes.size > 0) await Promise.allSettled([...pipes]);
    },
  };
}

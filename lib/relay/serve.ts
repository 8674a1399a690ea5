// The relay as a process: it listens, says where, and on SIGTERM drains before it ends.

import { exitCodes, type Logger, stopSignal } from "../process/mod.ts";
import type { Relay } from "./door.ts";

const lastAnswersMs = 200;

/** Where to listen. `port` 0: any free one. */
export interface Address {
  /** A host name or an IP address of this machine. */
  readonly host: string;
  /** 0 to 65535. */
  readonly port: number;
}

/**
 * Serves `handler` until this process is asked to stop, then drains `relay` and ends the process. The first line on
 * standard output is the address. A taken port, or one that is not this machine's, ends it with one line on standard error.
 */
export async function serve(
  handler: Deno.ServeHandler,
  relay: Relay,
  { host, port }: Address,
  log: Logger,
): Promise<never> {
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({
      hostname: host,
      port,
      onListen: (address) => {
        const name = address.hostname.includes(":") ? `[${address.hostname}]` : address.hostname;
        console.log(`http://${name}:${address.port}`);
        log.info("listening", { host: address.hostname, port: address.port });
      },
    }, handler);
  } catch (error) {
    await relay.close();
    console.error(`relay: ${cannotListen(error, { host, port })}`);
    Deno.exit(exitCodes.configuration);
  }
  const reason = await stopSignal();
  log.info("draining", { reason });
  await relay.drain(reason);
  // Polls that were held are answered by now, but their answers are still on the way.
  await Promise.race([server.shutdown(), new Promise((resolve) => setTimeout(resolve, lastAnswersMs))]);
  Deno.exit(exitCodes.ok);
}

function cannotListen(error: unknown, { host, port }: Address): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return `PORT=${port}: another process listens on ${host}:${port}; stop it, or set PORT to a free one (0: any)`;
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return `HOST=${host}: not an address of this machine; set HOST to one, or to 0.0.0.0 for all of them`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return `PORT=${port}: this user may not listen there; set PORT to one above 1023`;
  }
  return `HOST=${host}, PORT=${port}: cannot listen: ${
    error instanceof Error ? error.message : String(error)
  }`;
}

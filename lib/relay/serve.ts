// The relay as a process: it listens, says where, and on SIGTERM drains before it ends.

import { ConfigurationError, exitCodes, type Logger, refuse, stopSignal } from "../process/mod.ts";
import type { Relay } from "./door.ts";
import { type Address, listen, type Listener } from "./wire/listener.ts";

const lastAnswersMs = 200;

/**
 * A listener that answers with `handler`. A taken port, or an address that is not this machine's, ends the process with
 * one line on standard error.
 */
export async function listenOrRefuse(
  handler: Deno.ServeHandler,
  address: Address,
  log: Logger,
): Promise<Listener> {
  try {
    return await listen(handler, address, log);
  } catch (error) {
    return refuse("relay", new ConfigurationError([cannotListen(error, address)]));
  }
}

/**
 * Goes on until this process is asked to stop, then drains `relay` and ends the process. The first line on standard
 * output is the listener's address.
 */
export async function serve(listener: Listener, relay: Relay, log: Logger): Promise<never> {
  const { host, port } = listener.address;
  console.log(`http://${host.includes(":") ? `[${host}]` : host}:${port}`);
  log.info("listening", { host, port });
  const reason = await stopSignal();
  log.info("draining", { reason });
  await relay.drain(reason);
  // Polls that were held are answered by now, but their answers are still on the way.
  await Promise.race([listener.finish(), new Promise((resolve) => setTimeout(resolve, lastAnswersMs))]);
  Deno.exit(exitCodes.ok);
}

function cannotListen(error: unknown, { host, port }: Address): string {
  switch (error instanceof Error && "code" in error ? error.code : null) {
    case "EADDRINUSE":
      return `PORT=${port}: another process listens on ${host}:${port}; stop it, or set PORT to a free one (0: any)`;
    case "ENOTFOUND":
    // What Deno says of an address that is not here (2.9.6), and what node:net should say.
    case "EINVAL":
    case "EADDRNOTAVAIL":
      return `HOST=${host}: not an address of this machine; set HOST to one, or to 0.0.0.0 for all of them`;
    case "EACCES":
      return `PORT=${port}: this user may not listen there; set PORT to one above 1023`;
    default:
      return `HOST=${host}, PORT=${port}: cannot listen: ${
        error instanceof Error ? error.message : String(error)
      }`;
  }
}

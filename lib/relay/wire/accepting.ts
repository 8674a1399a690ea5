// Keeps a listener accepting. Where a process has no file descriptor left, node:net's accepting ends for good and says
// nothing, also when there are some again (Deno 2.9.6).

import type { Server } from "node:http";
import { connect, type ListenOptions, type Socket } from "node:net";
import type { Logger } from "../../process/mod.ts";

const lookEveryMs = 2000;
/** One proves nothing: a process that was held up comes to its timers before it comes to its connections. */
const missedAtMost = 1;

/** Has `server` listen again when it takes no connections any more. What it returns ends that. */
export function keepAccepting(
  server: Server,
  address: ListenOptions & { port: number },
  log: Logger,
): () => void {
  let accepted = false;
  let probe: Socket | null = null;
  let missed = 0;
  server.on("connection", () => accepted = true);
  const look = () => {
    missed = probe && !accepted ? missed + 1 : 0;
    if (missed > missedAtMost) {
      missed = 0;
      log.error("no connection was accepted any more: listening again", { port: address.port });
      server.close();
      server.listen(address);
    }
    probe?.destroy();
    probe = accepted ? null : connect(address.port, probeHost(address.host)).on("error", () => {});
    accepted = false;
  };
  const timer = setInterval(look, lookEveryMs);
  return () => {
    clearInterval(timer);
    probe?.destroy();
  };
}

/** Where a listener of `host` can be reached from its own machine. */
function probeHost(host = ""): string {
  return ({ "0.0.0.0": "127.0.0.1", "::": "::1" })[host] ?? host;
}

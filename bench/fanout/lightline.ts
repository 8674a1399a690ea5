// The relay, alone on a port. Its readings come from an agent (fanout.ts). Argument, for fanout_slow.ts: after how many
// milliseconds a viewer that does not read is given up.

import { createRelay, listen } from "../../lib/relay/mod.ts";
import { createLogger } from "../../lib/process/mod.ts";
import { collectOnSignal } from "./collect.ts";

const dataDir = Deno.makeTempDirSync({ prefix: "lightline-bench-" });
const log = createLogger("relay", { LOG_LEVEL: "error" });
const relay = createRelay({
  dataDir,
  historyHours: 1,
  agentToken: "bench-agent-token",
  drainSeconds: 1,
  limits: {
    maxPerAddress: 100_000,
    maxViewers: 100_000,
    ...(Number(Deno.args[0]) >= 1000 ? { tooSlowMs: Number(Deno.args[0]) } : {}),
  },
  log,
});
const listener = await listen(relay.fetch, { host: "127.0.0.1", port: 0 }, log);
console.log(listener.address.port);
collectOnSignal();
const asked = new Promise<void>((resolve) => Deno.addSignalListener("SIGTERM", resolve));
await Promise.race([asked, Deno.stdin.readable.pipeTo(new WritableStream())]);
await relay.close();
Deno.removeSync(dataDir, { recursive: true });
Deno.exit(0);

// The relay, alone on a port. Its readings come from an agent (fanout.ts).

import { createRelay } from "../../lib/relay/mod.ts";
import { createLogger } from "../../lib/process/mod.ts";

const dataDir = Deno.makeTempDirSync({ prefix: "lightline-bench-" });
const relay = createRelay({
  dataDir,
  historyHours: 1,
  agentToken: "bench-agent-token",
  drainSeconds: 1,
  limits: { maxPerAddress: 100_000, maxViewers: 100_000 },
  log: createLogger("relay", { LOG_LEVEL: "error" }),
});
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, relay.fetch);
console.log(server.addr.port);
for await (const _ of Deno.stdin.readable);
await relay.close();
Deno.removeSync(dataDir, { recursive: true });
Deno.exit(0);

// The three processes on one machine: the relay, the simulated instrument, and the agent between them. Whichever dies is
// started again; SIGTERM or Ctrl-C ends all of them. With METER set, the agent reads that instrument and none is simulated.

import { z } from "zod";
import {
  Child,
  createLogger,
  exitCodes,
  logVariables,
  readConfiguration,
  runnerEnd,
  stopSignal,
  variable,
} from "./lib/process/mod.ts";

const configuration = readConfiguration(
  "start",
  z.object({
    METER: z.string().optional().describe("the instrument to read (default: a simulated one)"),
    DATA_DIR: z.string().default("./data").describe("where the history is kept (default: ./data)"),
    DRAIN_SECONDS: variable.number(0, 60).default(2).describe("from SIGTERM to the relay's end (default: 2)"),
    AGENT_TOKEN: z.string().min(16, "is shorter than 16 characters").default(() => crypto.randomUUID())
      .describe("the agent's secret (default: a new one at each start)"),
    ...logVariables,
  }),
);
const log = createLogger("start", configuration);
const token = { AGENT_TOKEN: configuration.AGENT_TOKEN };
const data = configuration.DATA_DIR;
/** Stands for whichever pseudo-terminal the simulated instrument has: the agent finds it again after a restart. */
const meterLink = `/tmp/lightline-${crypto.randomUUID().slice(0, 8)}`;
let relayUrl: URL | undefined;

const relay = new Child({
  name: "relay",
  args: ["-P=relay", `--allow-read=.,${data}`, `--allow-write=${data}`, "main.ts"],
  environment: () => ({ ...token, ...(relayUrl && { PORT: relayUrl.port || "80" }) }),
  log,
});
const simulator = new Child({
  name: "simulator",
  args: ["-P=simulator", "agent/simulator/main.ts"],
  environment: () => ({ SIM_LINK: meterLink }),
  log,
});
const agent = new Child({
  name: "agent",
  args: ["-P=agent", "agent/main.ts"],
  environment: () => ({
    ...token,
    RELAY_URL: `ws://${relayUrl?.host}`,
    METER: configuration.METER ?? `serial:${meterLink}`,
  }),
  log,
});

const asked = Promise.race([stopSignal(), runnerEnd()]);
relay.start();
if (configuration.METER === undefined) simulator.start();

Promise.all([relay.firstLine, configuration.METER ?? simulator.firstLine]).then(([address]) => {
  relayUrl = new URL(address);
  if (["0.0.0.0", "[::]"].includes(relayUrl.hostname)) relayUrl.hostname = "127.0.0.1";
  agent.start();
  console.log(`Lightline is at ${relayUrl.origin}`);
});

const code = await Promise.race([
  asked.then(() => exitCodes.ok),
  ...[relay, simulator, agent].map((child) => child.refusal),
]);
for (const child of [relay, simulator, agent]) child.retire();
const graceMs = 1000 * configuration.DRAIN_SECONDS + 300;
await agent.stop(500);
await Promise.all([relay.stop(graceMs), simulator.stop(graceMs)]);
Deno.exit(code);

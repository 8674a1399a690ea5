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
    DATA_DIR: variable.path().default("./data").describe("where the history is kept (default: ./data)"),
    DRAIN_SECONDS: variable.number(0, 60).default(2).describe("from SIGTERM to the relay's end (default: 2)"),
    AGENT_TOKEN: variable.token(16).default(() => crypto.randomUUID())
      .describe("the agent's secret (default: a new one at each start)"),
    SPOOL_DIR: variable.path().optional().describe(
      "agent: folder of unacknowledged readings (default: memory)",
    ),
    SIM_TCP: z.string().default("127.0.0.1:0").describe(
      "simulator: where to speak SCPI over TCP as well, which the agent uses for traces (default: any free port of " +
        "this machine)",
    ),
    SIM_CONTROL: variable.path().optional().describe("simulator: control socket for faults (default: none)"),
    ...logVariables,
  }),
);
const log = createLogger("start", configuration);
const token = { AGENT_TOKEN: configuration.AGENT_TOKEN };
/** Stands for whichever pseudo-terminal the simulated instrument has: the agent finds it again after a restart. */
const meterLink = `/tmp/lightline-${crypto.randomUUID().slice(0, 8)}`;
let relayUrl: URL | undefined;
/** Where the simulated instrument is on TCP, as METER_BULK is written. */
let meterBulk: string | undefined;
/** For the first reading. */
const patienceMs = 5000;

const relay = new Child({
  name: "relay",
  args: [
    "-P=relay",
    // Memory before pages per second: little garbage lies about (MiB, and percent of the heap), and what compilers need is
    // given back.
    "--v8-flags=--max-semi-space-size=2,--heap-growing-percent=30,--no-concurrent-recompilation",
    `--allow-read=_fresh,${configuration.DATA_DIR}`,
    `--allow-write=${configuration.DATA_DIR}`,
    "main.ts",
  ],
  environment: () => ({ ...token, ...(relayUrl && { PORT: relayUrl.port || "80" }) }),
  log,
});
const simulator = new Child({
  name: "simulator",
  args: ["-P=simulator", ...mayUse(configuration.SIM_CONTROL), "agent/simulator/main.ts"],
  environment: () => ({
    SIM_LINK: meterLink,
    SIM_TCP: meterBulk?.slice("tcp:".length) ?? configuration.SIM_TCP,
  }),
  log,
  // its pseudo-terminal, and where it is on TCP
  readyLines: 2,
});
const agent = new Child({
  name: "agent",
  args: ["-P=agent", ...mayUse(configuration.SPOOL_DIR), "agent/main.ts"],
  environment: () => ({
    ...token,
    RELAY_URL: `ws://${relayUrl?.host}`,
    ...(meterBulk !== undefined && { METER: `serial:${meterLink}`, METER_BULK: meterBulk }),
  }),
  log,
});

const asked = Promise.race([stopSignal(), runnerEnd()]);
relay.start();
relay.ready.then(async ([address = ""]) => {
  relayUrl = new URL(address);
  if (["0.0.0.0", "[::]"].includes(relayUrl.hostname)) relayUrl.hostname = "127.0.0.1";
  if (configuration.METER === undefined) {
    simulator.start();
    [, meterBulk] = await simulator.ready;
  }
  agent.start();
  // with the first reading, so that the address shows numbers at once, or when that takes too long
  const stored = await Promise.race([
    agent.ready,
    new Promise<null>((done) => setTimeout(done, patienceMs, null)),
  ]);
  console.log(`Lightline is at ${relayUrl.origin}${stored === null ? "; no reading has come yet" : ""}`);
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

/** What lets a child read and write a path that a variable names. */
function mayUse(path: string | undefined): readonly string[] {
  return path === undefined ? [] : [`--allow-read=${path}`, `--allow-write=${path}`];
}

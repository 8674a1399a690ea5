// The three processes on one machine: the relay, the simulated instrument, and the agent between them. Whichever dies is
// started again; SIGTERM or Ctrl-C ends all of them. With METER set, the agent reads that instrument and none is simulated.

import { agentVariables } from "./agent/configuration.ts";
import { formatAddress } from "./agent/simulator/address.ts";
import { simulatorVariables } from "./agent/simulator/configuration.ts";
import {
  Child,
  createLogger,
  exitCodes,
  readConfiguration,
  runnerEnd,
  stopSignal,
} from "./lib/process/mod.ts";
import { relayVariables } from "./lib/relay/configuration.ts";

const ofAgent = agentVariables.omit({ RELAY_URL: true }).shape;
const ofSimulator = simulatorVariables.omit({ SIM_LINK: true }).shape;
/** All that the three processes obey, but for what is set here: with a wrong one, none of them is started. */
const configuration = readConfiguration(
  "start",
  relayVariables.safeExtend({
    ...ofAgent,
    ...ofSimulator,
    METER: ofAgent.METER.optional()
      .describe("serial:<device>?baud=115200 or tcp:<host>:5025 (default: a simulated instrument)"),
    AGENT_TOKEN: ofAgent.AGENT_TOKEN.default(() => crypto.randomUUID())
      .describe("the agent's secret (default: a new one at each start)"),
    SIM_TCP: ofSimulator.SIM_TCP.default({ hostname: "127.0.0.1", port: 0 })
      .describe(
        "host:port on which to speak SCPI as well, for traces (default: any free port of this machine)",
      ),
  }),
);
const log = createLogger("start", configuration);
const control = configuration.SIM_CONTROL;
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
    "--v8-flags=--max-semi-space-size=4,--heap-growing-percent=30,--no-concurrent-recompilation",
    `--allow-read=_fresh,${configuration.DATA_DIR}`,
    `--allow-write=${configuration.DATA_DIR}`,
    "main.ts",
  ],
  environment: () => ({ ...token, ...(relayUrl && { PORT: relayUrl.port || "80" }) }),
  log,
});
const simulator = new Child({
  name: "simulator",
  args: [
    "-P=simulator",
    ...mayUse(control?.type === "unix" ? control.path : undefined),
    "agent/simulator/main.ts",
  ],
  environment: () => ({
    SIM_LINK: meterLink,
    SIM_TCP: meterBulk?.slice("tcp:".length) ?? formatAddress(configuration.SIM_TCP),
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
bringUp();

const code = await Promise.race([
  asked.then(() => exitCodes.ok),
  ...[relay, simulator, agent].map((child) => child.refusal),
]);
for (const child of [relay, simulator, agent]) child.retire();
const graceMs = 1000 * configuration.DRAIN_SECONDS + 300;
await agent.stop(500);
await Promise.all([relay.stop(graceMs), simulator.stop(graceMs)]);
Deno.exit(code);

/** One after the other; the simulated instrument first: where it cannot listen, there is no folder of a history yet. */
async function bringUp(): Promise<void> {
  if (configuration.METER === undefined) {
    simulator.start();
    [, meterBulk] = await simulator.ready;
  }
  relay.start();
  const [address = ""] = await relay.ready;
  relayUrl = new URL(address);
  if (["0.0.0.0", "[::]"].includes(relayUrl.hostname)) relayUrl.hostname = "127.0.0.1";
  agent.start();
  // with the first reading, so that the address shows numbers at once, or when that takes too long
  const stored = await Promise.race([
    agent.ready,
    new Promise<null>((done) => setTimeout(done, patienceMs, null)),
  ]);
  console.log(`Lightline is at ${relayUrl.origin}${stored === null ? "; no reading has come yet" : ""}`);
}

/** What lets a child read and write a path that a variable names. */
function mayUse(path: string | undefined): readonly string[] {
  return path === undefined ? [] : [`--allow-read=${path}`, `--allow-write=${path}`];
}

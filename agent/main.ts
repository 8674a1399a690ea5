// The agent's entry: configuration in, parts together, a clean end. No logic of its own.

import { z } from "zod";
import {
  createLogger,
  exitCodes,
  logVariables,
  readConfiguration,
  stopSignal,
  variable,
} from "../lib/process/mod.ts";
import { moduleNumber, station } from "../lib/protocol/mod.ts";
import { meterAddress } from "./address.ts";
import { systemClock } from "./clock.ts";
import { openLine } from "./line.ts";
import { Meter } from "./meter.ts";
import { openSpool } from "./spools.ts";
import { explainBySpeed } from "./speed.ts";
import { Uplink } from "./uplink.ts";

const configuration = readConfiguration(
  "agent",
  z.object({
    METER: meterAddress.describe("serial:<device>?baud=115200 or tcp:<host>:5025 (required)"),
    METER_MODULES: variable.list(
      z.string().regex(/^\d+$/, "is not a number").transform(Number).pipe(moduleNumber),
    )
      .default([4]).describe("detector modules that are read, by slot (default: 4)"),
    METER_HZ: variable.number(0.1, 100).default(10).describe(
      "readings of each module in a second (default: 10)",
    ),
    RELAY_URL: z.url({ protocol: /^wss?$/, error: "is not a ws: or wss: address" }).default(
      "ws://127.0.0.1:8000",
    )
      .describe("the relay (default: ws://127.0.0.1:8000)"),
    STATION: station.default("bench-1").describe("this agent's name (default: bench-1)"),
    AGENT_TOKEN: z.string().min(16, "is shorter than 16 characters").describe(
      "the agent's secret (required)",
    ),
    SPOOL_DIR: z.string().optional().describe("a folder for unacknowledged readings (default: memory only)"),
    SPOOL_MAX: variable.integer(1, 10_000_000).default(36_000)
      .describe("unacknowledged readings that are kept (default: 36000)"),
    ...logVariables,
  }),
);
/** How long the last readings may take to reach the relay when the process is asked to end. */
const flushMs = 300;
const log = createLogger("agent", configuration);
const boot = crypto.randomUUID().replaceAll("-", "");
const spool = openSpool(configuration.SPOOL_DIR, boot, configuration.SPOOL_MAX, log);
let ready = false;
const uplink = new Uplink({
  relayUrl: configuration.RELAY_URL,
  station: configuration.STATION,
  token: configuration.AGENT_TOKEN,
  modules: configuration.METER_MODULES,
  spool,
  log,
  onStored() {
    // for whoever started this process: the first line says that everything between the meter and the history works
    if (!ready) console.log("readings are being stored");
    ready = true;
  },
});
const clock = systemClock();
const meter = new Meter({
  open: (signal) => openLine(configuration.METER, signal),
  explain: (signal) => explainBySpeed(configuration.METER, clock, signal),
  modules: configuration.METER_MODULES,
  hz: configuration.METER_HZ,
  clock,
  random: Math.random,
  listener: {
    reading(reading) {
      spool.append(reading);
      uplink.wake();
    },
    fault(message, repeated) {
      if (!repeated) log.warn(message);
      uplink.fault(message);
    },
    recovered(identity) {
      log.info("the instrument answers", { identity });
      uplink.recovered(identity);
    },
  },
});

const stop = new AbortController();
uplink.connect();
const reading = meter.run(stop.signal);
const reason = await Promise.race([stopSignal(), reading]);
stop.abort();
await reading;
await uplink.flush(flushMs);
uplink.close();
spool.close();
log.info("ended", { reason, ...meter.counters, unacknowledged: spool.held, dropped: spool.dropped });
Deno.exit(exitCodes.ok);

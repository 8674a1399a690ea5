// The agent's entry: configuration in, parts together, a clean end. No logic of its own.

import { createLogger, exitCodes, readConfiguration, stopSignal } from "../lib/process/mod.ts";
import { systemClock } from "./clock.ts";
import { Actions } from "./actions.ts";
import { Commands } from "./commands.ts";
import { agentVariables } from "./configuration.ts";
import { openLine } from "./line.ts";
import { Meter } from "./meter.ts";
import { MeterSwitch } from "./meter_switch.ts";
import { openSpool } from "./spools.ts";
import { explainBySpeed } from "./speed.ts";
import { Transfers } from "./transfers.ts";
import { Uplink } from "./uplink.ts";
import { Watch } from "./watch.ts";

const configuration = readConfiguration("agent", agentVariables);
/** How long the last readings may take to reach the relay when the process is asked to end. */
const flushMs = 300;
const log = createLogger("agent", configuration);
const boot = crypto.randomUUID().replaceAll("-", "");
const spool = orEnd(() => openSpool(configuration.SPOOL_DIR, boot, configuration.SPOOL_MAX, log));
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
  onCommand: (name, params) => commands.carryOut(name, params),
  onWelcome: () => watch.repeat(),
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

const power = new MeterSwitch(meter, (message, repeated) => {
  if (!repeated) log.warn(message);
  uplink.fault(message);
});
const { METER: address, METER_BULK: bulk = address.type === "tcp" ? address : undefined } = configuration;
const transfers = new Transfers({
  openLine: bulk && (() => openLine(bulk)),
  // ten bits a byte: start, eight, stop
  bytesPerSecond: address.type === "serial" ? address.baudRate / 10 : undefined,
  tellPause: (message) => uplink.fault(message),
  clock,
});
const watch: Watch = new Watch({
  instrument: () => meter.instrument?.ctp10,
  readLaser: (ctp10, laser) => actions.readLaser(ctp10, laser),
  tell: (message) => uplink.report(message),
  clock,
});
const actions: Actions = new Actions({ instrument: () => meter.instrument, power, watch, transfers });
const commands = new Commands(actions);

const stop = new AbortController();
uplink.connect();
power.turnOn();
const watching = watch.run(stop.signal);
const reason = await Promise.race([stopSignal(), power.failed]);
stop.abort();
await Promise.all([power.close(), watching]);
await uplink.flush(flushMs);
uplink.close();
spool.close();
log.info("ended", { reason, ...meter.counters, unacknowledged: spool.held, dropped: spool.dropped });
Deno.exit(exitCodes.ok);

function orEnd<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    log.error("the agent cannot run", { reason: error instanceof Error ? error.message : String(error) });
    Deno.exit(exitCodes.failure);
  }
}

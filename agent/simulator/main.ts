// The simulated instrument as a process: configuration in, the pseudo-terminal's path out on standard output, and where
// it listens on TCP in a second line, as METER is written.

import {
  ConfigurationError,
  createLogger,
  exitCodes,
  readConfiguration,
  refuse,
  stopSignal,
} from "../../lib/process/mod.ts";
import { largestSeed, simulatorVariables } from "./configuration.ts";
import { FaultSyntaxError, formatMeter, startSimulator } from "./mod.ts";

const program = "simulator";
const configuration = readConfiguration(program, simulatorVariables);
const log = createLogger(program, configuration);

try {
  const simulator = await startSimulator({
    seed: configuration.SIM_SEED ?? Math.floor(Math.random() * largestSeed),
    log,
    link: configuration.SIM_LINK,
    tcp: configuration.SIM_TCP,
    control: configuration.SIM_CONTROL,
    // Each `--fault=<text>` is a fault from the beginning, written as for the control socket.
    faults: Deno.args.filter((text) => text.startsWith("--fault=")).map((text) =>
      text.slice("--fault=".length)
    ),
  });
  console.log(simulator.path);
  if (simulator.tcp !== undefined) console.log(formatMeter(simulator.tcp));
  const reason = await stopSignal();
  log.info("ending", { reason });
  await simulator.close();
  Deno.exit(exitCodes.ok);
} catch (error) {
  if (error instanceof ConfigurationError) refuse(program, error);
  log.error("the simulated instrument cannot run", {
    reason: error instanceof Error ? error.message : String(error),
  });
  Deno.exit(error instanceof FaultSyntaxError ? exitCodes.configuration : exitCodes.failure);
}

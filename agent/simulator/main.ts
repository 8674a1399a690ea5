// The simulated instrument as a process: configuration in, the pseudo-terminal's path out on standard output, and where
// it listens on TCP in a second line, as METER is written.

import { z } from "zod";
import {
  ConfigurationError,
  createLogger,
  exitCodes,
  logVariables,
  readConfiguration,
  refuse,
  stopSignal,
  variable,
} from "../../lib/process/mod.ts";
import { FaultSyntaxError, formatMeter, parseControlAddress, startSimulator } from "./mod.ts";

const program = "simulator";
const largestSeed = 2 ** 31 - 1;
const largestPort = 65535;
const noSuchPort = `has a port above ${largestPort}`;

const address = z.string().regex(/^(\[[0-9a-fA-F:]+\]|[^:/]+):\d{1,5}$/, "is not host:port").transform(
  (text) => {
    const colon = text.lastIndexOf(":");
    return { hostname: text.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(text.slice(colon + 1)) };
  },
);

const configuration = readConfiguration(
  program,
  z.object({
    SIM_SEED: variable.integer(0, largestSeed).optional()
      .describe(
        "a whole number: the same one gives the same noise and the same chance faults (default: random)",
      ),
    SIM_LINK: z.string().optional().describe(
      "a symbolic link to keep pointing at the pseudo-terminal (default: none)",
    ),
    SIM_TCP: address.refine(({ port }) => port <= largestPort, noSuchPort).optional().describe(
      "host:port on which to speak SCPI as well (default: none)",
    ),
    SIM_CONTROL: variable.path().transform(parseControlAddress).refine(
      (address) => address.type === "unix" || address.port <= largestPort,
      noSuchPort,
    ).optional()
      .describe("host:port, or the path of a unix socket, that takes control commands (default: none)"),
    ...logVariables,
  }),
);

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

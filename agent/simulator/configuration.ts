// The simulated instrument's environment variables.

import { z } from "zod";
import { logVariables, variable } from "../../lib/process/mod.ts";
import { parseControlAddress, parseTcpAddress } from "./address.ts";

/** What SIM_SEED can be at most. */
export const largestSeed = 2 ** 31 - 1;
const largestPort = 65535;
const noSuchPort = `has a port above ${largestPort}`;

const tcpAddress = z.string().transform((text, context) => {
  const address = parseTcpAddress(text);
  if (address !== undefined) return address;
  context.addIssue("is not host:port");
  return z.NEVER;
}).refine(({ port }) => port <= largestPort, noSuchPort);

const controlAddress = variable.path().transform(parseControlAddress).refine(
  (address) => address.type === "unix" || address.port <= largestPort,
  noSuchPort,
);

/** The simulator process's variables. */
export const simulatorVariables = z.object({
  SIM_SEED: variable.integer(0, largestSeed).optional()
    .describe(
      "a whole number: the same one gives the same noise and the same chance faults (default: random)",
    ),
  SIM_LINK: z.string().optional().describe(
    "a symbolic link to keep pointing at the pseudo-terminal (default: none)",
  ),
  SIM_TCP: tcpAddress.optional().describe("host:port on which to speak SCPI as well (default: none)"),
  SIM_CONTROL: controlAddress.optional()
    .describe("host:port, or the path of a unix socket, that takes control commands (default: none)"),
  ...logVariables,
});

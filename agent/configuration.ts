// The agent's environment variables.

import { z } from "zod";
import { logVariables, variable } from "../lib/process/mod.ts";
import { moduleNumber, modules, station } from "../lib/protocol/mod.ts";
import { meterAddress } from "./address.ts";

/** The agent process's variables. */
export const agentVariables = z.object({
  METER: meterAddress.describe("serial:<device>?baud=115200 or tcp:<host>:5025 (required)"),
  METER_BULK: meterAddress.optional().describe(
    "another line to the same instrument, which carries traces while METER's carries readings, written as METER " +
      "(default: METER itself when it is tcp:, else none)",
  ),
  METER_MODULES: variable.list(
    z.string().regex(/^\d+$/, "is not a number").transform(Number).pipe(moduleNumber),
  )
    .pipe(modules).default([4]).describe("detector modules that are read, by slot (default: 4)"),
  METER_HZ: variable.number(0.5, 100).default(10).describe(
    "readings of each module in a second (default: 10)",
  ),
  RELAY_URL: z.url({ protocol: /^wss?$/, error: "is not a ws: or wss: address", abort: true })
    .refine(isBare, "holds more than scheme, host, port and path, as a name or a query: leave that out")
    .default("ws://127.0.0.1:8000")
    .describe("the relay (default: ws://127.0.0.1:8000)"),
  STATION: station.default("bench-1").describe("this agent's name (default: bench-1)"),
  AGENT_TOKEN: variable.token(16).describe("the agent's secret (required)"),
  SPOOL_DIR: variable.path().optional().describe(
    "a folder for unacknowledged readings (default: memory only)",
  ),
  SPOOL_MAX: variable.integer(1, 10_000_000).default(36_000)
    .describe("unacknowledged readings that are kept (default: 36000)"),
  ...logVariables,
});

/** An address that can be logged, and be gone on from. */
function isBare(address: string): boolean {
  const { username, password, search, hash } = new URL(address);
  return username + password + search + hash === "";
}

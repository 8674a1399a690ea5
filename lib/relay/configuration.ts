// The relay's environment variables: design.md's table.

import { z } from "zod";
import { logVariables, variable } from "../process/mod.ts";
import { defaultLimits } from "./limits.ts";

const loopback = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/;

const origin = z.string().refine((text) => /^https?:[^*]+$/.test(text) && originOf(text) === text, {
  error: ({ input }) =>
    `"${input}" is no origin: write scheme, host and port alone, as https://pages.example or http://10.0.0.1:8080`,
});

const addresses = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
  error: ({ input }) =>
    `"${input}" is no IP address and no range: write 10.0.0.1, fd00::1, 10.0.0.0/8 or fd00::/8, no name`,
});

function originOf(text: string): string | null {
  return URL.canParse(text) ? new URL(text).origin : null;
}

/** The relay process's variables. On an address that others can reach, viewers need a secret or an explicit opt-out. */
export const relayVariables = z.object({
  HOST: z.string().default("127.0.0.1").describe("address to listen on (default: 127.0.0.1)"),
  PORT: variable.integer(0, 65535).default(8000).describe(
    "port to listen on, 0 for any free one (default: 8000)",
  ),
  DATA_DIR: variable.path().default("./data").describe(
    "folder of the history, :memory: keeps nothing (default: ./data)",
  ),
  HISTORY_HOURS: variable.number(0.01, 24 * 366).default(24)
    .describe("readings older than this are pruned (default: 24)"),
  AGENT_TOKEN: variable.token(16).describe("the agent's secret; required"),
  VIEWER_SECRET: z.string().min(32, "is shorter than 32 characters").optional()
    .describe("HS256 secret of viewers' tokens, 32 characters or more; required off loopback"),
  ALLOW_ANONYMOUS: variable.flag().default(false).describe(
    "1: viewers need no token, on any address (default: 0)",
  ),
  MAX_VIEWERS: variable.integer(1, 1_000_000).default(defaultLimits.maxViewers)
    .describe(`sockets in all (default: ${defaultLimits.maxViewers})`),
  MAX_PER_ADDRESS: variable.integer(1, 1_000_000).default(defaultLimits.maxPerAddress)
    .describe(`sockets from one address (default: ${defaultLimits.maxPerAddress})`),
  TRUST_PROXY: variable.list(addresses).default([])
    .describe(
      "addresses, or ranges as 10.0.0.0/8, whose X-Forwarded-For is believed, separated by commas (default: none)",
    ),
  DRAIN_SECONDS: variable.number(0, 60).default(2).describe("from SIGTERM to the last close (default: 2)"),
  ALLOWED_ORIGINS: variable.list(origin).default([])
    .describe("origins beside the request's own host, separated by commas (default: none)"),
  ...logVariables,
}).refine(
  // A variable that is wrong is still the text that was given.
  ({ HOST, VIEWER_SECRET, ALLOW_ANONYMOUS }) =>
    loopback.test(HOST) || VIEWER_SECRET !== undefined || ALLOW_ANONYMOUS === true,
  {
    path: ["HOST"],
    error: "others can reach this address: set VIEWER_SECRET (32 characters or more), " +
      "or ALLOW_ANONYMOUS=1 to let anybody look",
    // also beside other wrong variables: it is not to be told of only when those are mended
    when: () => true,
  },
);

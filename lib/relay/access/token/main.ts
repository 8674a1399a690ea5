// `deno task token --role operator --hours 12 --name ada`: makes a viewer's token with VIEWER_SECRET, and prints it.

import { parseArgs } from "node:util";
import { z } from "zod";
import { ConfigurationError, exitCodes, orRefuse, variable } from "../../../process/mod.ts";
import { signToken } from "../jwt.ts";

const usage = "usage: VIEWER_SECRET=… deno task token [--role viewer|operator] [--hours 12] [--name ada]";

const request = z.object({
  role: z.enum(["viewer", "operator"], "is neither viewer nor operator").default("viewer"),
  hours: variable.number(0.01, 24 * 366).default(12),
  name: z.string().max(100, "is longer than 100 characters").optional(),
  secret: z.string("must be set to the relay's VIEWER_SECRET").min(32, "is shorter than 32 characters"),
});

const { help, ...options } = orRefuse("token", readOptions);
if (help) {
  console.log(usage);
  Deno.exit(exitCodes.ok);
}
const { secret, role, hours, name = null } = orRefuse("token", () => check(options));
console.log(signToken(secret, role, Date.now() + hours * 3600 * 1000, name));

function readOptions() {
  try {
    return parseArgs({
      args: Deno.args,
      options: {
        role: { type: "string" },
        hours: { type: "string" },
        name: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    // Node's words for what it cannot read, which may be several sentences, one a line.
    if (!(error instanceof TypeError)) throw error;
    throw new ConfigurationError([error.message.replaceAll("\n", " "), usage]);
  }
}

function check(given: Readonly<Record<string, string | undefined>>): z.output<typeof request> {
  const result = request.safeParse({ ...given, secret: Deno.env.get("VIEWER_SECRET") });
  if (result.success) return result.data;
  const lines = result.error.issues.map(({ path, message }) =>
    `${path[0] === "secret" ? "VIEWER_SECRET" : `--${String(path[0])}`}: ${message}`
  );
  throw new ConfigurationError([...lines, usage]);
}

// `deno task token --role operator --hours 12 --name ada`: makes a viewer's token with VIEWER_SECRET, and prints it.

import { parseArgs } from "node:util";
import { z } from "zod";
import { exitCodes, variable } from "../../../process/mod.ts";
import { signToken } from "../jwt.ts";

const request = z.object({
  role: z.enum(["viewer", "operator"], "is neither viewer nor operator").default("viewer"),
  hours: variable.number(0.01, 24 * 366).default(12),
  name: z.string().max(100).optional(),
  secret: z.string("must be set to the relay's VIEWER_SECRET").min(32, "is shorter than 32 characters"),
});

const result = request.safeParse({
  ...parseArgs({
    args: Deno.args,
    options: { role: { type: "string" }, hours: { type: "string" }, name: { type: "string" } },
  }).values,
  secret: Deno.env.get("VIEWER_SECRET"),
});
if (!result.success) {
  for (const { path, message } of result.error.issues) {
    const name = path[0] === "secret" ? "VIEWER_SECRET" : `--${String(path[0])}`;
    console.error(`token: ${name}: ${message}`);
  }
  Deno.exit(exitCodes.configuration);
}
const { secret, role, hours, name = null } = result.data;
console.log(signToken(secret, role, Date.now() + hours * 3600 * 1000, name));

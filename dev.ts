/**
 * `deno task dev` serves the project while it is worked on; `deno task build` makes what `deno task serve` needs.
 */
import { Builder } from "fresh/dev";

const builder = new Builder();
if (Deno.args.includes("build")) {
  await builder.build();
} else {
  // What the relay asks for and a page in the making does not: to see readings, start an agent with the same token.
  for (const [name, value] of [["AGENT_TOKEN", crypto.randomUUID()], ["DATA_DIR", ":memory:"]] as const) {
    if (Deno.env.get(name) === undefined) Deno.env.set(name, value);
  }
  await builder.listen(() => import("./main.ts"), { port: Number(Deno.env.get("PORT") ?? 8000) });
}

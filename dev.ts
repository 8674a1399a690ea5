/**
 * `deno task dev` serves the project while it is worked on; `deno task build` makes what `deno task serve` needs.
 */
import { Builder } from "fresh/dev";

const builder = new Builder();
if (Deno.args.includes("build")) {
  await builder.build();
} else {
  await builder.listen(() => import("./main.ts"));
}

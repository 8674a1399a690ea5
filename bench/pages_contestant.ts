/**
 * One contestant of bench/pages.ts, in a process of its own: renders the page named on each line of its standard input for a
 * while, and prints how many it rendered for each second of the processor's time. `fresh` is whatever the import map says.
 */
import { cpuUsage } from "node:process";
import { setImmediate } from "node:timers";
import { fileURLToPath } from "node:url";

const [name, roundMs] = Deno.args;

/** Bare Hono and preact-render-to-string: no islands, no layouts, no context. What an engine adds is measured against it. */
async function bare(): Promise<(request: Request) => Response | Promise<Response>> {
  const { Hono } = await import("hono");
  const { h } = await import("preact");
  const { renderToString } = await import("preact-render-to-string");
  const { default: Wrapper } = await import("./pages_site/routes/_app.tsx");
  const { default: Plain } = await import("./pages_site/routes/plain.tsx");
  const { default: Island } = await import("./pages_site/routes/island.tsx");
  const app = new Hono();
  for (const [path, Component] of [["/plain", Plain], ["/island", Island]] as const) {
    app.get(path, (c) => c.html(`<!DOCTYPE html>${renderToString(h(Wrapper, { Component }))}`));
  }
  return app.fetch;
}

async function fresh(): Promise<(request: Request) => Promise<Response>> {
  const { App } = await import("fresh");
  const { Builder } = await import("fresh/dev");
  const root = fileURLToPath(new URL("./pages_site", import.meta.url));
  const outDir = await Deno.makeTempDir();
  const apply = await new Builder({ root, outDir }).build({ snapshot: "memory" });
  await Deno.remove(outDir, { recursive: true });
  const app = new App().fsRoutes();
  apply(app);
  return app.handler();
}

const handler = await (name === "bare" ? bare() : fresh());

/** Pages for each second of the processor's time, garbage collection included: other work on the machine counts less so. */
async function round(page: string): Promise<number> {
  const until = performance.now() + Number(roundMs);
  const before = cpuUsage();
  let count = 0;
  while (performance.now() < until) {
    // The clock is not asked for each.
    for (let i = 0; i < 50; i++) {
      const response = await handler(new Request(`http://localhost/${page}`));
      if (response.status !== 200) {
        throw new Error(`Cannot measure /${page}: it answered ${response.status}.`);
      }
      await response.text();
      count++;
    }
    // As between a server's requests: without a turn of the event loop, what was used in it is not freed.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { user, system } = cpuUsage(before);
  return count / (user + system) * 1_000_000;
}

console.log("ready");
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  for (const page of text.split("\n").filter((line) => line !== "")) console.log(await round(page));
}
Deno.exit();

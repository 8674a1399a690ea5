/**
 * How much JavaScript pages ship: every file, as a browser gets it. First a site with one trivial signals island, whose budget
 * is 9 KB (9,216 bytes), then this project's own pages; the dashboard's budget is 12 KB (12,288 bytes).
 */
import { stop } from "esbuild";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { App, staticFiles } from "fresh";
import { Builder } from "fresh/dev";

type Handler = (request: Request, info: Deno.ServeHandlerInfo) => Response | Promise<Response>;

const info: Deno.ServeHandlerInfo = {
  remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 },
  completed: Promise.resolve(),
};

const ask = async (handler: Handler, path: string) =>
  await handler(new Request(`http://localhost${path}`), info);

/** Raw and compressed bytes of all scripts of a page, by the addresses that its `Link` header and its HTML name. */
async function sizeOf(handler: Handler, path: string): Promise<void> {
  const page = await ask(handler, path);
  const html = await page.text();
  const urls = new Set<string>();
  for (const [, url = ""] of (page.headers.get("Link") ?? "").matchAll(/<([^>]+)>/g)) urls.add(url);
  for (const [, url = ""] of html.matchAll(/<script[^>]* src="([^"]+)"/g)) urls.add(url);
  let raw = 0;
  let brotli = 0;
  for (const url of urls) {
    const bytes = new Uint8Array(await (await ask(handler, url)).arrayBuffer());
    raw += bytes.byteLength;
    brotli += brotliCompressSync(bytes).byteLength;
  }
  print(path, urls.size, raw, brotli);
}

function print(what: string, files: number, raw: number, brotli: number): void {
  console.log(
    `${what.padEnd(34)} ${files} files  ${String(raw).padStart(6)} bytes  ${
      String(brotli).padStart(6)
    } bytes brotli`,
  );
}

const root = fileURLToPath(new URL("./pages_site", import.meta.url));
const apply = await new Builder({ root }).build({ snapshot: "memory" });
const app = new App().use(staticFiles()).fsRoutes();
apply(app);
const handler = app.handler();
console.log("a site with one trivial island");
await sizeOf(handler, "/plain");
await sizeOf(handler, "/island");
await stop();

console.log("Lightline");
Deno.env.set("DATA_DIR", ":memory:");
Deno.env.set("AGENT_TOKEN", crypto.randomUUID());
const { default: lightline } = await import("../main.ts");
for (const path of ["/", "/status", "/lasers", "/sweep", "/no/such/page"]) {
  await sizeOf(lightline.fetch, path);
}
// the relay's timers would go on
Deno.exit();

// `deno task screenshots`: every page as people see it, into docs/screenshots/. Run it when a page has changed.

import type { BrowserContextOptions, Page } from "playwright-core";
import { startLightline } from "../support/lightline.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";

const folder = new URL("../../docs/screenshots/", import.meta.url).pathname;

const pages = [
  { name: "dashboard", path: "/", live: true },
  { name: "module", path: "/modules/4?range=1m", live: true },
  { name: "status", path: "/status", live: true },
  { name: "lasers", path: "/lasers", live: false },
  { name: "sweep", path: "/sweep", live: false },
  { name: "not-found", path: "/no/such/page", live: false },
] as const;

/** Of a longer page the upper part is enough. */
const tallest = 1200;

const wide: BrowserContextOptions = { viewport: { width: 1280, height: 480 }, colorScheme: "light" };
const variants: Readonly<Record<string, BrowserContextOptions>> = {
  "": wide,
  "-dark": { ...wide, colorScheme: "dark" },
  "-phone": { viewport: { width: 390, height: 844 }, colorScheme: "light" },
  "-no-javascript": { ...wide, javaScriptEnabled: false },
};

await Deno.mkdir(folder, { recursive: true });
await using lightline = await startLightline();
await using browser = await launchBrowser();

async function open(path: string, options: BrowserContextOptions): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(lightline.origin + path);
  return page;
}

async function take(page: Page, name: string): Promise<void> {
  const { width = 0, height = 0 } = await page.locator("html").boundingBox() ?? {};
  await page.screenshot({
    path: `${folder}${name}.png`,
    fullPage: true,
    clip: { x: 0, y: 0, width, height: Math.min(height, tallest) },
  });
  console.log(`docs/screenshots/${name}.png`);
}

const badgeSays = (page: Page, word: string) =>
  until(`the badge to say ${word}`, async () => (await page.locator(".badge").innerText()).startsWith(word), {
    timeoutMs: 30_000,
  });

console.log("waiting for a minute of readings");
const startedAtMs = Date.now();
await until("a minute of readings", () => Date.now() - startedAtMs > 61_000, { timeoutMs: 90_000 });

for (const { name, path, live } of pages) {
  for (const [suffix, options] of Object.entries(variants)) {
    const page = await open(path, options);
    if (live && options.javaScriptEnabled !== false) await badgeSays(page, "Live");
    await take(page, name + suffix);
    await page.context().close();
  }
}

const silent = await open("/", wide);
await badgeSays(silent, "Live");
await until("a few readings", async () => await silent.locator(".module[style*=stale]").count() > 0);
await lightline.signal("simulator", "SIGSTOP");
await until("the notice", async () => await silent.locator(".notice").count() > 0);
await until(
  "an age of some seconds",
  async () => /^[4-9] s ago/.test(await silent.locator(".age").first().innerText()),
);
await take(silent, "dashboard-instrument-silent");
await lightline.signal("simulator", "SIGCONT");
await until("the notice to go", async () => await silent.locator(".notice").count() === 0);
await silent.context().close();

const cut = new Map<string, Page>();
for (const { name, path, live } of pages) if (live) cut.set(name, await open(path, wide));
for (const page of cut.values()) await badgeSays(page, "Live");
// While start is held nobody brings the relay back.
await lightline.signal("start", "SIGSTOP");
await lightline.signal("relay", "SIGKILL");
const aged = cut.get("module")?.locator(".age").first();
await until("an age of some seconds", async () => /^[3-9] s ago/.test(await aged?.innerText() ?? ""));
for (const [name, page] of cut) {
  await badgeSays(page, "Reconnecting");
  await take(page, `${name}-disconnected`);
}
await lightline.signal("start", "SIGCONT");

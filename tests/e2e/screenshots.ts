// `deno task screenshots`: every page as people see it, into docs/screenshots/. Run it when a page has changed.

import type { BrowserContextOptions, Page } from "playwright-core";
import { startLightline } from "../support/lightline.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";

const folder = new URL("../../docs/screenshots/", import.meta.url).pathname;

const pages = [
  { name: "dashboard", path: "/", live: true },
  { name: "not-found", path: "/no/such/page", live: false },
] as const;

const wide: BrowserContextOptions = { viewport: { width: 1280, height: 480 }, colorScheme: "light" };
const variants: Readonly<Record<string, BrowserContextOptions>> = {
  "": wide,
  "-dark": { ...wide, colorScheme: "dark" },
  "-phone": { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, colorScheme: "light" },
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
  await page.screenshot({ path: `${folder}${name}.png`, fullPage: true });
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

const cut = await open("/", wide);
await badgeSays(cut, "Live");
// While start is held nobody brings the relay back.
await lightline.signal("start", "SIGSTOP");
await lightline.signal("relay", "SIGKILL");
await badgeSays(cut, "Reconnecting 3/10");
await until(
  "an age of some seconds",
  async () => /^[4-9] s ago/.test(await cut.locator(".age").first().innerText()),
);
await take(cut, "dashboard-disconnected");
await lightline.signal("start", "SIGCONT");

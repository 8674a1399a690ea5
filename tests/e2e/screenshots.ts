// `deno task screenshots`: every page as people see it, into docs/screenshots/. Run it when a page has changed.

import type { BrowserContextOptions, Page } from "playwright-core";
import { startLightline } from "../support/lightline.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";

const folder = new URL("../../docs/screenshots/", import.meta.url).pathname;

/** A page, and the words in it (`.class: words`) without which its picture would not be worth taking. */
interface Pictured {
  readonly name: string;
  readonly path: string;
  readonly shows?: readonly [selector: string, words: string];
  /** What it says once the relay is gone. */
  readonly lost?: readonly [selector: string, words: string];
}

const gone = [".badge", "Reconnecting"] as const;
const quiet: readonly Pictured[] = [
  { name: "dashboard", path: "/", shows: [".badge", "Live"], lost: gone },
  { name: "module", path: "/modules/4?range=1m", shows: [".receipt", "0 missing"], lost: gone },
  { name: "status", path: "/status", shows: [".receipt", "0 missing"], lost: gone },
  { name: "login", path: "/login" },
  { name: "docs", path: "/docs" },
  { name: "not-found", path: "/no/such/page" },
];
const silence = "The relay does not answer";
const lit: readonly Pictured[] = [
  { name: "lasers", path: "/lasers", shows: [".lamp", "on"], lost: ["main", silence] },
  { name: "sweep", path: "/sweep", shows: [".spectrum-plot", "nm"], lost: ["main", silence] },
];

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

const says = (page: Page, [selector, words]: readonly [string, string]) =>
  until(`${selector} to say ${words}`, async () => {
    const place = page.locator(selector).first();
    return await place.count() > 0 && (await place.innerText()).includes(words);
  }, { timeoutMs: 30_000 });

async function takeAll(pages: readonly Pictured[]): Promise<void> {
  for (const { name, path, shows } of pages) {
    for (const [suffix, options] of Object.entries(variants)) {
      const page = await open(path, options);
      if (shows && options.javaScriptEnabled !== false) await says(page, shows);
      await take(page, name + suffix);
      await page.context().close();
    }
  }
}

async function ask(path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${lightline.origin}/api/v1/${path}`, {
    ...body !== undefined && { method: "POST", body: JSON.stringify(body) },
    headers: { "content-type": "application/json" },
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${path}: ${answer.title}: ${answer.detail}`);
  return answer;
}

console.log("waiting for a minute of readings");
const startedAtMs = Date.now();
await until("a minute of readings", () => Date.now() - startedAtMs > 61_000, { timeoutMs: 90_000 });
await takeAll(quiet);

const silent = await open("/", wide);
await says(silent, [".badge", "Live"]);
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

await ask("measurement/sweep/start", { start_nm: 1540, stop_nm: 1560, speed_nm_s: 50, sampling_pm: 5 });
await until(
  "the sweep's end",
  async () => /"state":"done"/.test(JSON.stringify(await ask("measurement/sweep/status"))),
);
await ask("rlaser/1/power", { power: 1.5, unit: "dBm" });
await ask("rlaser/1/on", {});
await takeAll(lit);

const cut: (readonly [Page, Pictured])[] = [];
for (const pictured of [...quiet, ...lit].filter(({ lost }) => lost)) {
  const page = await open(pictured.path, wide);
  if (pictured.shows) await says(page, pictured.shows);
  cut.push([page, pictured]);
}
// While start is held nobody brings the relay back.
await lightline.signal("start", "SIGSTOP");
await lightline.signal("relay", "SIGKILL");
const aged = cut.find(([, { name }]) => name === "module")?.[0].locator(".age").first();
await until("an age of some seconds", async () => /^[3-9] s ago/.test(await aged?.innerText() ?? ""));
for (const [page, { name, lost }] of cut) {
  if (lost) await says(page, lost);
  await take(page, `${name}-disconnected`);
}
await lightline.signal("start", "SIGCONT");

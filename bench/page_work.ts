// `deno task bench:work`: what an open dashboard takes of the browser's main thread at 10 Hz, beside a bare page that gets the
// same messages over a socket of its own and writes the same four numbers. Both are open at once in one browser, so that
// whatever else the machine does meets both alike; by the thread's own clock, of a few windows the middle one.

import type { Page } from "playwright-core";
import { launchBrowser } from "../tests/e2e/browser.ts";
import { startLightline } from "../tests/support/lightline.ts";
import { pause, quantile } from "./fanout/measure.ts";

const windowMs = 5000;
const windows = Number(Deno.args[0] ?? 10);

const bareMarkup = `<style>p { font-size: 3rem; height: 1.2em; contain: size layout }</style>${
  "<p>0</p>".repeat(4)
}`;

/** Runs in the bare page. */
function writeNumbers(): void {
  const texts = [...document.querySelectorAll("p")].map((p) => p.firstChild as Text);
  const socket = new WebSocket(`ws://${location.host}/api/v1/ws/v2/power?module=4&interval=0.01`);
  socket.onmessage = (event: MessageEvent<string>) => {
    const message = JSON.parse(event.data);
    if (message.type !== "data") return;
    for (const [i, text] of texts.entries()) text.data = message[`ch${i + 1}_power`]?.toFixed(2) ?? "";
  };
}

/** Seconds that the main thread of a page has worked so far. */
async function workOf(page: Page): Promise<() => Promise<number>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  return async () =>
    (await devtools.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration")
      ?.value ??
      NaN;
}

await using lightline = await startLightline();
await using browser = await launchBrowser();
const open = async () => await (await browser.newContext({ bypassCSP: true })).newPage();

const dashboard = await open();
await dashboard.goto(lightline.origin);
const bare = await open();
await bare.goto(`${lightline.origin}/health`);
await bare.setContent(bareMarkup);
await bare.evaluate(writeNumbers);
await dashboard.locator(".badge[data-state=Live]").waitFor();
await pause(windowMs);

const meters = await Promise.all([dashboard, bare].map(workOf));
const shares: [number[], number[]] = [[], []];
for (let i = 0; i < windows; i++) {
  const startedAtMs = performance.now();
  const before = await Promise.all(meters.map((work) => work()));
  await pause(windowMs);
  const after = await Promise.all(meters.map((work) => work()));
  const seconds = (performance.now() - startedAtMs) / 1000;
  for (const [at, of] of shares.entries()) of.push(((after[at] ?? NaN) - (before[at] ?? NaN)) / seconds);
}
const [ours = NaN, theirs = NaN] = shares.map((of) => quantile(of, 0.5));
console.log(`dashboard ${(100 * ours).toFixed(2)} % of a core, bare page ${(100 * theirs).toFixed(2)} %`);
console.log(`dashboard/bare ${(ours / theirs).toFixed(2)}`);

// An instrument that stops answering, on the wire and on the page: the values come over the pseudo-terminal and from
// nowhere else, what is broken is named, and everything heals by itself.

import assert from "node:assert/strict";
import { startLightline } from "../support/lightline.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";
import { openDashboard } from "./dashboard.ts";
import { breaks, history, longestPause, openViewer } from "./viewer.ts";

// Every reading: an interval that the agent just keeps would now and then pass one over.
const stream = "/api/v1/ws/v2/power?module=4&interval=0.01";

Deno.test("an instrument that falls silent is named on stream and page, and its data come back on the same socket", async () => {
  await using lightline = await startLightline();
  await using viewer = await openViewer(lightline.origin, stream);
  await using browser = await launchBrowser();
  await using dashboard = await openDashboard(browser, lightline.origin);
  await dashboard.badgeSays(/^Live$/);
  await until("a reading", () => viewer.data().length > 5);

  // A viewer that came before the instrument's first answer was told so.
  const early = viewer.errors().length;
  const silentAtMs = Date.now();
  await lightline.signal("simulator", "SIGSTOP");
  await until("five errors", () => viewer.errors().length >= early + 5, { timeoutMs: 20_000 });
  const errors = viewer.errors().slice(early);
  assert.deepEqual(errors.slice(0, 5).map(({ error_count }) => error_count), [1, 2, 3, 4, 5]);
  assert.ok(errors.every(({ recoverable, source }) => recoverable && source === "instrument"));
  const readingsBefore = viewer.data().length;

  const notice = dashboard.page.locator(".notice");
  const words = await until("the page to say so", () => notice.innerText());
  const [, clock] = /The instrument does not answer since (\d\d:\d\d:\d\d) UTC/.exec(words) ?? [];
  assert.ok(clock, words);
  const sinceMs = Date.parse(`${new Date(silentAtMs).toISOString().slice(0, 10)}T${clock}Z`);
  assert.ok(
    Math.abs(sinceMs - silentAtMs) < 5000,
    `silent at ${new Date(silentAtMs).toISOString()}, but: ${words}`,
  );
  assert.equal(
    await dashboard.badge(),
    "Live",
    "the browser's own connection is in order, and the badge says so",
  );
  const { age } = await dashboard.freshness();
  assert.match(age, /^\d+ s ago$/);

  await lightline.signal("simulator", "SIGCONT");
  await until("data again", () => viewer.data().length > readingsBefore + 5, { timeoutMs: 20_000 });
  assert.equal(viewer.socket.readyState, WebSocket.OPEN);
  await until("the notice to go", async () => await notice.count() === 0);
  assert.deepEqual(breaks(viewer.data()), []);
  assert.deepEqual(dashboard.complaints, []);

  // error_count counts consecutive errors: the next trouble begins at 1 again
  const errorsBefore = viewer.errors().length;
  await lightline.signal("simulator", "SIGSTOP");
  await until("an error", () => viewer.errors().length > errorsBefore, { timeoutMs: 20_000 });
  assert.equal(viewer.errors()[errorsBefore]?.error_count, 1);
  await lightline.signal("simulator", "SIGCONT");
});

Deno.test("a killed instrument comes back on another pseudo-terminal without anyone's help", async () => {
  await using lightline = await startLightline();
  await using viewer = await openViewer(lightline.origin, stream);
  await until("a reading", () => viewer.data().length > 5);
  const { pid, env } = await lightline.process("simulator");
  const link = env["SIM_LINK"] ?? "";
  const terminal = await Deno.readLink(link);

  // While start is held it cannot bring the simulator back, and the old terminal's number can be taken from it.
  await lightline.signal("start", "SIGSTOP");
  Deno.kill(pid, "SIGKILL");
  await until("the old terminal to go", () => !exists(terminal));
  using _squatters = takeTerminals(terminal);
  await until("errors", () => viewer.errors().length >= 2);
  assert.ok(viewer.errors().every(({ recoverable }) => recoverable));
  const readingsBefore = viewer.data().length;
  await lightline.signal("start", "SIGCONT");

  await until("data again", () => viewer.data().length > readingsBefore + 5, { timeoutMs: 20_000 });
  assert.notEqual(await Deno.readLink(link), terminal);
  assert.equal(viewer.socket.readyState, WebSocket.OPEN);
  assert.deepEqual(breaks(await history(lightline.origin)), []);
});

Deno.test("a long trace comes beside the readings, also from an instrument that was started anew", async () => {
  await using lightline = await startLightline();
  const { origin } = lightline;
  const api = `${origin}/api/v1/`;
  const newest = async () => (await history(origin)).at(-1);
  await until("a reading", newest);
  const killed = await lightline.signal("simulator", "SIGKILL");
  await lightline.process("simulator", killed);
  const backAt = Date.now() / 1000;
  await until("data again", async () => ((await newest())?.timestamp ?? 0) > backAt, { timeoutMs: 20_000 });

  const started = await fetch(`${api}measurement/sweep/start`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ start_nm: 1520, stop_nm: 1614, speed_nm_s: 200, sampling_pm: 1 }),
  });
  assert.equal(started.status, 200, await started.text());
  await until("the sweep's end", async () => {
    const response = await fetch(`${api}measurement/sweep/status`);
    return (await response.json()).state === "done";
  });
  const before = await newest();
  const npy = await (await fetch(`${api}detector/trace/binary`)).arrayBuffer();
  assert.equal(npy.byteLength, 128 + 4 * 94_001);
  const meanwhile = await history(origin, before?.cursor);
  assert.ok(meanwhile.length > 5, `${meanwhile.length} readings came meanwhile`);
  assert.ok(longestPause(meanwhile) < 0.5, `a pause of ${longestPause(meanwhile)} s`);
});

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Opens pseudo-terminals until one has the number of `terminal`: the next process to open one gets another. */
function takeTerminals(terminal: string): Disposable {
  const files: Deno.FsFile[] = [];
  while (!exists(terminal)) files.push(Deno.openSync("/dev/ptmx", { read: true, write: true }));
  return { [Symbol.dispose]: () => files.forEach((file) => file.close()) };
}

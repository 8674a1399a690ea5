// Pages of a relay that is there before its agent, which then reads another module than pages guess.

import assert from "node:assert/strict";
import { startTask } from "../support/task.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";
import { openDashboard } from "./dashboard.ts";

const AGENT_TOKEN = "an-agent-token-for-tests";

Deno.test("a status page that was opened before any module was known shows the one that comes, and links to its readings", async () => {
  await using relay = startTask("serve", { env: { AGENT_TOKEN, PORT: "0", DATA_DIR: ":memory:" } });
  const [, origin = ""] = await relay.line(/(http:\/\/127\.0\.0\.1:\d+)/);
  await using browser = await launchBrowser();
  await using status = await openDashboard(browser, `${origin}/status`);
  await status.page.getByText("No module is known yet.").waitFor();

  await using simulator = startTask("simulate");
  const [METER = ""] = await simulator.line(/^\/dev\/pts\/\S+/);
  const env = {
    AGENT_TOKEN,
    METER: `serial:${METER}`,
    METER_MODULES: "5",
    RELAY_URL: origin.replace("http", "ws"),
  };
  await using _agent = startTask("agent", { env });
  await until(
    "its row",
    async () => await status.page.getByRole("row", { name: /^Module 5 bench-1/ }).count() === 1,
  );
  const readings = status.page.getByRole("link", { name: "Latest readings as JSON" });
  const answer = await fetch(origin + await readings.getAttribute("href"));
  assert.ok((await answer.json()).readings.length > 0);
});

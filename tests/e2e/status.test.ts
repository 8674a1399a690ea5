// The status page where something is in its way.

import assert from "node:assert/strict";
import { startLightline } from "../support/lightline.ts";
import { startProxy } from "../support/proxy.ts";
import { stepsOf } from "../support/steps.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";
import { openDashboard } from "./dashboard.ts";
import { history } from "./viewer.ts";

Deno.test("the status page in trouble", async (t) => {
  await using lightline = await startLightline();
  await using browser = await launchBrowser();
  const { origin } = lightline;
  const step = stepsOf(t);
  await until("readings", async () => (await history(origin)).length > 20);

  await step(
    "where WebSockets are refused it asks by HTTP, and vouches for nothing without an answer",
    async () => {
      await using proxy = startProxy(lightline.port, { type: "refuse_upgrades", status: 403 });
      await using dashboard = await openDashboard(browser, `http://127.0.0.1:${proxy.port}/status`);
      const { page } = dashboard;
      const agent = page.locator(".parts li").filter({ hasText: /^agent/i });
      const station = page.getByRole("row", { name: /^bench-1/ });
      await dashboard.badgeSays(/^Polling$/);
      assert.match(await agent.innerText(), /\bworks/);
      await lightline.signal("start", "SIGSTOP");
      await lightline.signal("agent", "SIGKILL");
      await until("the agent not to work", async () => /does not work/.test(await agent.innerText()));
      await until("its station to be offline", async () => /offline/.test(await station.innerText()));
      assert.equal(await page.locator(".status .notice").count(), 0);
      proxy.become({ type: "refuse" });
      const notice = page.locator(".status .notice");
      await until("the notice", async () => await notice.count() === 1);
      await lightline.signal("start", "SIGCONT");
      proxy.become({ type: "refuse_upgrades", status: 403 });
      await until("the agent to work", async () => /\bworks/.test(await agent.innerText()), {
        timeoutMs: 30_000,
      });
      await until("the notice to go", async () => await notice.count() === 0);
    },
  );
});

// A viewer's token that ends while the page is open, and the way back in.

import assert from "node:assert/strict";
import { signToken } from "../../lib/relay/access/jwt.ts";
import { startLightline } from "../support/lightline.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";
import { openDashboard } from "./dashboard.ts";
import { sockets } from "./scenario.ts";

const secret = "a secret of a laboratory, forty characters";

Deno.test("token expired: the page stops, says why, and leads to where one logs in and comes back", async () => {
  await using lightline = await startLightline({ VIEWER_SECRET: secret });
  await using browser = await launchBrowser();
  const { origin } = lightline;
  const expiresMs = Date.now() + 5_000;
  await using dashboard = await openDashboard(
    browser,
    `${origin}/modules/4?range=1m`,
    {},
    (page) =>
      page.context().addCookies([
        {
          name: "lightline_token",
          value: signToken(secret, "viewer", expiresMs),
          url: origin,
          httpOnly: true,
        },
      ]),
  );
  const { page } = dashboard;
  await dashboard.badgeSays(/^Live$/);
  await dashboard.badgeSays(/^Disconnected$/);
  assert.ok(Date.now() > expiresMs - 1000);
  assert.match(await page.locator(".why").innerText(), /the token has expired/);

  // Nobody tries again: neither a socket nor a poll.
  const asked = dashboard.requests.length;
  const stoppedAtMs = Date.now();
  await until("three seconds", () => Date.now() - stoppedAtMs > 3_000);
  assert.equal(dashboard.requests.length, asked);
  assert.equal(sockets(dashboard), 1);
  assert.equal(await dashboard.badge(), "Disconnected");

  await page.getByRole("link", { name: "Log in" }).click();
  await page.getByLabel("Token").fill(signToken(secret, "viewer", Date.now() + 60_000));
  await page.getByRole("button", { name: "Log in" }).click();
  await dashboard.badgeSays(/^Live$/);
  assert.match(page.url(), /\/modules\/4\?range=1m$/);
  assert.deepEqual(dashboard.complaints, []);
});

Deno.test("token gone from a browser without WebSockets: the poll that is refused says so, and leads to where one logs in", async () => {
  await using lightline = await startLightline({ VIEWER_SECRET: secret });
  await using browser = await launchBrowser();
  const { origin } = lightline;
  await using dashboard = await openDashboard(browser, origin, {}, async (page) => {
    const value = signToken(secret, "viewer", Date.now() + 60_000);
    await page.context().addCookies([{ name: "lightline_token", value, url: origin }]);
    await page.addInitScript(() => Reflect.deleteProperty(globalThis, "WebSocket"));
  });
  await dashboard.badgeSays(/^Polling$/);
  await dashboard.page.context().clearCookies();
  await dashboard.badgeSays(/^Disconnected$/, 30_000);
  assert.match(await dashboard.page.locator(".why").innerText(), /no token/);
  assert.equal(await dashboard.page.getByRole("link", { name: "Log in" }).count(), 1);
});

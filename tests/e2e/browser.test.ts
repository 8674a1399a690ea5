import assert from "node:assert/strict";
import { findBrowser, launchBrowser } from "./browser.ts";
import { bundledChromium } from "./chromium_from_npm.ts";

Deno.test("the browser that was found shows a page and runs its script", async () => {
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await page.setContent("<p>off</p><script>document.querySelector('p').textContent = 'on'</script>");
  assert.equal(await page.textContent("p"), "on");
});

Deno.test("where no browser is installed, the one from npm draws text and runs a script", async () => {
  const found = await findBrowser({ chromePath: undefined, searchPath: "/nonexistent" });
  assert.equal(found.executablePath, (await bundledChromium()).executablePath);

  await using browser = await launchBrowser(found);
  const page = await browser.newPage();
  await page.setContent("<span>-17.85 dBm</span><script>document.title = 'alive'</script>");
  assert.equal(await page.title(), "alive");
  const width = await page.locator("span").evaluate((element) => element.getBoundingClientRect().width);
  assert.ok(width > 30, `without a font the text would be ${width} px wide`);
});

Deno.test("a CHROME_PATH that does not start is an error which names it", async () => {
  await assert.rejects(
    findBrowser({ chromePath: "/nonexistent/chrome", searchPath: "/usr/bin" }),
    /Cannot use CHROME_PATH=\/nonexistent\/chrome: .*Unset it/s,
  );
});

Deno.test("a program that only bears the browser's name is passed over", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${folder}/chromium`,
      "#!/bin/sh\necho please install the real one >&2\nexit 1\n",
      {
        mode: 0o755,
      },
    );
    const found = await findBrowser({ chromePath: undefined, searchPath: folder });
    assert.notEqual(found.executablePath, `${folder}/chromium`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

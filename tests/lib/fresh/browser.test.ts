// What islands do in a real browser.

import assert from "node:assert/strict";
import AxeBuilder from "@axe-core/playwright";
import { App, csp, staticFiles } from "fresh";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../../e2e/browser.ts";
import { differs, holds } from "./conformance.ts";
import { fixtureApp, type Handler, serve, withFixture } from "./fixture.ts";
import { hostile } from "./fixture/hostile.ts";

let browser: Browser;
Deno.test.beforeAll(async () => {
  browser = await launchBrowser();
});
Deno.test.afterAll(() => browser.close());

/** Opens a page of the fixture, and fails when the browser logs an error. */
async function open(
  path: string,
  use: (page: Page) => Promise<void>,
  handler: Handler = fixtureApp(),
): Promise<void> {
  await using server = serve(handler);
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(5_000);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  try {
    await page.goto(server.origin + path, { waitUntil: "load" });
    await use(page);
    assert.deepEqual(errors, []);
  } finally {
    await context.close();
  }
}

/** Asks an expression about `p`, the properties that the island Echo got. */
async function received(page: Page, expression: string): Promise<unknown> {
  await page.waitForFunction("globalThis.received");
  return await page.evaluate(`((p) => ${expression})(globalThis.received)`);
}

holds("an island comes to life with the properties that the server rendered it with", async () => {
  await open("/counter", async (page) => {
    const button = page.locator(".counter");
    assert.equal(await button.textContent(), "count 3");
    await button.click();
    await button.getByText("count 4").waitFor();
  });
});

holds("several islands on a page live side by side, and the text between them stays", async () => {
  await open("/islands/several", async (page) => {
    for (const [i, start] of [1, 2, 3].entries()) {
      await page.locator(".counter").nth(i).click();
      await page.getByText(`count ${start + 1}`, { exact: true }).first().waitFor();
    }
    await page.locator(".second").click();
    await page.getByText("other clicked").waitFor();
    const text = (await page.locator("main").innerText()).replaceAll(/\s+/g, " ");
    assert.equal(text, "text before count 2 text between count 3other clicked count 4 text after");
  });
});

holds("islands inside of an island share its state", async () => {
  await open("/islands/outer", async (page) => {
    await page.locator(".shared").click();
    await page.locator(".shared").getByText("11").waitFor();
    await page.locator(".counter").click();
    await page.getByText("count 2").waitFor();
  });
});

holds("an exported component with a name is an island", async () => {
  await open("/islands/second", async (page) => {
    await page.locator(".second").click();
    await page.getByText("named clicked").waitFor();
  });
});

holds("an island in (_islands) is one", async () => {
  await open("/local", async (page) => {
    await page.getByRole("button").click();
    await page.getByText("local 1").waitFor();
  });
});

holds("children that the server rendered go away, come back, and islands in them live", async () => {
  await open("/islands/card", async (page) => {
    const before = await page.locator(".from-server").innerHTML();
    await page.locator(".counter").click();
    await page.getByText("count 8").waitFor();
    await page.getByRole("button", { name: "hide" }).click();
    await page.locator(".from-server").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "show" }).click();
    await page.locator(".from-server").waitFor();
    assert.equal(await page.locator(".from-server").innerHTML(), before);
    assert.equal(await page.locator("h2").innerHTML(), "<em>a title</em>");
    await page.locator(".counter").click();
    await page.getByText("count 8").waitFor();
  });
});

holds("children that an island shows only later come from the page", async () => {
  await open("/islands/hidden", async (page) => {
    await page.getByRole("button", { name: "show" }).click();
    await page.getByText("was hidden").waitFor();
    await page.locator(".counter").click();
    await page.getByText("count 6").waitFor();
  });
});

holds("two islands that were given the same signal share it", async () => {
  await open("/islands/shared", async (page) => {
    await page.locator(".shared").first().click();
    await page.locator(".shared").nth(1).getByText("21").waitFor();
    await page.locator(".shared").nth(1).click();
    await page.locator(".shared").first().getByText("22").waitFor();
  });
});

holds("a computed signal arrives as a signal with its value", async () => {
  await open("/islands/shared", async (page) => {
    await page.locator(".double").getByText("40").waitFor();
  });
});

holds("signals work as attributes", async () => {
  await open("/islands/attributes", async (page) => {
    await page.locator(".toggle").click();
    await page.locator(".toggle:disabled").waitFor();
    assert.equal(await page.getByRole("checkbox").isChecked(), true);
  });
});

holds("IS_BROWSER is true in a browser, and asset gives the same address as on the server", async () => {
  await open("/islands/attributes", async (page) => {
    assert.match(await page.locator("output").innerText(), /^\/style\.css\?__frsh_c=\w+$/);
  });
});

holds("an island's Head changes the document's head", async () => {
  await open("/islands/titled", async (page) => {
    await page.waitForFunction(() => document.title === "counted 0");
    await page.locator(".titled").click();
    await page.waitForFunction(() => document.title === "counted 1");
    assert.equal(await page.locator('meta[name="description"]').getAttribute("content"), "of the island, 1");
  });
});

for (
  const [kind, expression, expected] of [
    ["a Date", "[v instanceof Date, +v]", [true, 1_700_000_000_123]],
    ["a Map", "[v.get('a'), [...v][1][1].has([...v][1][0])]", [1, true]],
    ["a Set", "[...v]", [1, "two"]],
    ["a bigint", "String(v)", String(2n ** 80n)],
    ["a URL", "[v instanceof URL, String(v)]", [true, "https://example.org/a?b=c#d"]],
    ["a RegExp", "[v instanceof RegExp, String(v)]", [true, "/a+/gi"]],
    ["a Uint8Array", "[v instanceof Uint8Array, ...v]", [true, 0, 127, 255]],
    ["special numbers", "v.map((n) => Object.is(n, -0) ? '-0' : String(n))", [
      "NaN",
      "Infinity",
      "-Infinity",
      "-0",
      "1e+300",
    ]],
    ["null and undefined", "v.map(String)", ["null", "undefined"]],
    ["an array with a hole", "[v.length, 1 in v, v[2]]", [3, false, 3]],
    ["cyclic data", "v.self === v && v.name", "cyclic"],
    ["cyclic data with a signal", "v.self.value === v && v.name", "node"],
    ["the same object twice", "v[0] === v[1]", true],
    ["a BigInt64Array", "String(v[0])", "-1"],
    ["a signal in a signal", "v.value.inside.value", 1],
  ] as const
) {
  holds(`${kind} arrives in an island as it was`, async () => {
    await open(`/islands/props?kind=${encodeURIComponent(kind)}`, async (page) => {
      assert.deepEqual(await received(page, `((v) => ${expression})(p.value)`), expected);
    });
  });
}

for (
  const [kind, expression, expected] of [
    ["a Float64Array", "[v instanceof Float64Array, ...Array.from(v, String), Object.is(v[1], -0)]", [
      true,
      String(Math.PI),
      "0",
      "NaN",
      true,
    ]],
    ["a URLSearchParams", "String(v)", "a=1&a=2"],
    ["an object without a prototype", "v.a", 1],
  ] as const
) {
  differs(`${kind} arrives in an island as it was`, async () => {
    await open(`/islands/props?kind=${encodeURIComponent(kind)}`, async (page) => {
      assert.deepEqual(await received(page, `((v) => ${expression})(p.value)`), expected);
    });
  });
}

differs("a part of a buffer arrives as that part", async () => {
  await open("/islands/subarray", async (page) => {
    assert.equal(await received(page, "new TextDecoder().decode(p.part)"), "0123456789");
    assert.deepEqual(await received(page, "[...p.floats, p.floats.buffer.byteLength]"), [2, 3, 8]);
  });
});

holds("hostile strings arrive intact and run nothing", async () => {
  await open("/islands/hostile", async (page) => {
    assert.deepEqual(await received(page, "p.strings"), [...hostile]);
    assert.equal(await received(page, "p['</script>']"), "as a name");
    assert.equal(await page.evaluate("globalThis.ran"), undefined);
  });
});

differs("a property named __proto__ is data, and pollutes nothing", async () => {
  await open("/islands/hostile", async (page) => {
    assert.deepEqual(
      await received(page, "[Object.hasOwn(p.proto, '__proto__'), p.proto['__proto__'], 'polluted' in {}]"),
      [true, { polluted: true }, false],
    );
  });
});

const strict = () =>
  withFixture(
    new App().use(csp({ csp: ["script-src 'self'", "style-src 'self'"] })).use(staticFiles()).fsRoutes(),
  );
const islandPages = [
  "/counter",
  "/islands/card",
  "/islands/hidden",
  "/islands/several",
  "/islands/shared",
  "/islands/hostile",
  "/islands/titled",
];

differs(
  "under a policy without unsafe-inline every island lives, and the browser logs no violation",
  async () => {
    for (const path of islandPages) await open(path, async () => {}, strict());
    await open("/counter", async (page) => {
      await page.locator(".counter").click();
      await page.getByText("count 4").waitFor();
    }, strict());
  },
);

holds("islands live below a base path", async () => {
  await open("/base/counter", async (page) => {
    await page.locator(".counter").click();
    await page.getByText("count 4").waitFor();
  }, withFixture(new App({ basePath: "/base" }).use(staticFiles()).fsRoutes()));
});

holds("axe finds nothing in a page with islands", async () => {
  await open("/counter", async (page) => {
    const { violations } = await new AxeBuilder({ page }).withTags([
      "wcag2a",
      "wcag2aa",
      "wcag21aa",
      "wcag22aa",
    ]).analyze();
    assert.deepEqual(violations.map(({ id }) => id), []);
  });
});

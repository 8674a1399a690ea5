// What a page's HTML says: its head, and its islands as the server renders them.

import assert from "node:assert/strict";
import { HtmlValidate } from "html-validate";
import { differs, holds, logged, ours } from "./conformance.ts";
import { fixtureApp, get } from "./fixture.ts";

const html = async (path: string) => await (await get(fixtureApp(), path)).text();

holds("Head replaces the same elements of the document's head, and adds the others", async () => {
  const text = await html("/head");
  const [head = "", body = ""] = text.split("</head>");
  assert.match(head, /<title>the page(&#39;|')s own title<\/title>/);
  assert.match(head, /<meta name="description" content="of the page"\/?>/);
  assert.match(head, /<meta property="og:title" content="by a component"\/?>/);
  assert.match(head, /<link rel="stylesheet" href="\/style\.css\?__frsh_c=\w+"\/?>/);
  assert.match(head, /<meta name="viewport"/);
  assert.equal(text.match(/<title>/g)?.length, 1);
  assert.equal(text.match(/name="description"/g)?.length, 1);
  assert.doesNotMatch(body, /<title|<meta|<link/);
});

holds("what stands inside an element that Head adds stays there", async () => {
  const text = await html("/head");
  assert.match(text, /<noscript><meta http-equiv="refresh" content="5"\/?><\/noscript>/);
  assert.equal(text.match(/http-equiv/g)?.length, 1);
});

holds("what one page's Head adds is not in the next page", async () => {
  await html("/head");
  assert.match(await html("/"), /<title>Fixture<\/title>/);
});

differs("markup that is a constant of a module is the same on every page", async () => {
  const texts = [await html("/constant"), await html("/constant")];
  assert.equal(texts[1], texts[0]);
  assert.match(texts[0] ?? "", /<title>a constant<\/title>/);
  assert.equal(texts[1]?.match(/<!--frsh:island/g)?.length, 1);
});

holds("a page without islands has no script", async () => {
  const response = await get(fixtureApp(), "/");
  assert.doesNotMatch(await response.text(), /<script|modulepreload/);
  assert.equal(response.headers.get("Link"), null);
});

holds("a page with islands says which modules to load early", async () => {
  const handler = fixtureApp();
  const link = (await get(handler, "/counter")).headers.get("Link") ?? "";
  const urls = [...link.matchAll(/<([^>]+)>; rel="modulepreload"/g)].map(([, url]) => url ?? "");
  assert.ok(urls.length > 0);
  for (const url of urls) {
    const response = await get(handler, url);
    assert.match(response.headers.get("Content-Type") ?? "", /javascript/);
    assert.equal(response.headers.get("Cache-Control"), "public, max-age=31536000, immutable");
    await response.body?.cancel();
  }
});

differs("every module that an island needs is in the Link header, so none is found late", async () => {
  const handler = fixtureApp();
  const link = (await get(handler, "/counter")).headers.get("Link") ?? "";
  for (const [, url = ""] of link.matchAll(/<([^>]+)>/g)) {
    const code = await (await get(handler, url)).text();
    for (const [, imported = ""] of code.matchAll(/from\s*"\.\/([^"]+)"/g)) {
      assert.ok(link.includes(`/${imported}>`), `${url} imports ${imported}`);
    }
  }
});

differs("no page has an inline script, so a policy needs no exception", async () => {
  for (const path of ["/counter", "/islands/card", "/islands/several"]) {
    for (const [, attributes = ""] of (await html(path)).matchAll(/<script([^>]*)>/g)) {
      assert.match(attributes, /src="|type="application\/json"/);
    }
  }
});

holds("islands are rendered on the server", async () => {
  assert.match(await html("/counter"), /<button[^>]*>count 3<\/button>/);
  assert.match(await html("/islands/outer"), /count 1<\/button>.*10/s);
});

holds("an island's markup is marked where it stands, and islands inside of it are not", async () => {
  const text = await html("/islands/outer");
  assert.match(text, /<!--frsh:island:Outer:0:?-->.*<!--\/frsh:island-->/s);
  assert.equal(text.match(/<!--frsh:island/g)?.length, 1);
});

holds("an island in another's children is marked on its own", async () => {
  const text = await html("/islands/card");
  assert.equal(text.match(/<!--frsh:island/g)?.length, 2);
  assert.equal(text.match(/<!--frsh:slot/g)?.length, 2);
});

holds("children that an island does not show yet are in a template", async () => {
  assert.match(
    await html("/islands/hidden"),
    /<template id="frsh-[^"]*"[^>]*><p class="from-server">was hidden<\/p>/,
  );
});

holds("a signal that holds false is no attribute", async () => {
  assert.doesNotMatch(await html("/islands/attributes"), /checked|disabled/);
});

differs("a false aria attribute says so", async () => {
  assert.match(await html("/islands/attributes"), /aria-busy="false"/);
});

for (
  const [path, island, property] of [
    ["/islands/function", "Echo", "deep.inside[0].onClick"],
    ["/islands/class", "Echo", "meter"],
  ] as const
) {
  differs(`${path}: what cannot be sent is an error that names the island and the property`, async () => {
    const lines = await logged(async () => {
      assert.equal((await get(fixtureApp(), path)).status, 500);
    });
    assert.match(lines.join(), new RegExp(`${island}`));
    assert.ok(lines.join().includes(property), lines.join());
  });
}

differs("a part of a buffer sends its own bytes only", async () => {
  const text = await html("/islands/subarray");
  const everything = [...text.matchAll(/[A-Za-z0-9+/]{8,}={0,2}/g)].map(([base64]) => {
    try {
      return atob(base64);
    } catch {
      return "";
    }
  }).join();
  assert.match(everything, /0123456789/);
  assert.doesNotMatch(everything, /secret/);
});

ours("html-validate finds nothing in any page", async () => {
  const validator = new HtmlValidate({ extends: ["html-validate:standard"], rules: { "void-style": "off" } });
  const pages = ["/", "/counter", "/head", "/blog", "/no/such/thing", "/layouts/inner"];
  for (
    const name of [
      "card",
      "hidden",
      "outer",
      "several",
      "shared",
      "subarray",
      "hostile",
      "attributes",
      "titled",
    ]
  ) {
    pages.push(`/islands/${name}`);
  }
  for (const path of pages) {
    const report = await validator.validateString(await html(path));
    const found = report.results.flatMap(({ messages }) =>
      messages.map(({ ruleId, message }) => `${path}: ${ruleId}: ${message}`)
    );
    assert.deepEqual(found, []);
  }
});

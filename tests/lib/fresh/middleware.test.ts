// The middleware that comes with the engine.

import assert from "node:assert/strict";
import { App, cors, csp, csrf, staticFiles, trailingSlashes } from "fresh";
import { asset, assetSrcSet } from "fresh/runtime";
import { h } from "preact";
import { differs, holds, logged, ours } from "./conformance.ts";
import { fixtureApp, get, withFixture } from "./fixture.ts";

const ok = (app: App<unknown>) => withFixture(app.all("*", (ctx) => ctx.text("ok")));

for (
  const [mode, from, to] of [
    ["always", "/a", "/a/"],
    ["always", "/a?b=c", "/a/?b=c"],
    ["always", "/a/", null],
    ["never", "/a/", "/a"],
    ["never", "/a/?b=c", "/a?b=c"],
    ["never", "/a", null],
    ["never", "/", null],
  ] as const
) {
  holds(`trailingSlashes("${mode}") ${to === null ? "leaves" : "redirects"} ${from}`, async () => {
    const response = await get(ok(new App().use(trailingSlashes(mode))), from);
    assert.equal(response.headers.get("location"), to);
  });
}

for (
  const [method, headers, status] of [
    ["GET", { "Sec-Fetch-Site": "cross-site" }, 200],
    ["HEAD", { "Sec-Fetch-Site": "cross-site" }, 200],
    ["OPTIONS", { "Sec-Fetch-Site": "cross-site" }, 200],
    ["POST", {}, 200],
    ["POST", { "Sec-Fetch-Site": "same-origin" }, 200],
    ["POST", { "Sec-Fetch-Site": "none" }, 200],
    ["POST", { "Sec-Fetch-Site": "cross-site", Origin: "https://evil.example" }, 403],
    ["POST", { "Sec-Fetch-Site": "same-site", Origin: "https://sub.example" }, 403],
    ["POST", {
      "Sec-Fetch-Site": "cross-site",
      Origin: "https://evil.example",
      "Content-Type": "application/json",
    }, 403],
    ["POST", { Origin: "http://localhost" }, 200],
    ["PUT", { Origin: "https://evil.example" }, 403],
    ["DELETE", { Origin: "null" }, 403],
  ] as const
) {
  holds(`csrf answers ${status} to ${method} with ${JSON.stringify(headers)}`, async () => {
    assert.equal((await get(ok(new App().use(csrf())), "/x", { method, headers })).status, status);
  });
}

holds("csrf takes other origins, by name, in a list, or by a function", async () => {
  const headers = { Origin: "https://friend.example", "Sec-Fetch-Site": "cross-site" };
  for (
    const origin of [
      "https://friend.example",
      ["https://friend.example"],
      (one: string) => one.includes("friend"),
    ]
  ) {
    assert.equal(
      (await get(ok(new App().use(csrf({ origin }))), "/x", { method: "POST", headers })).status,
      200,
    );
  }
});

const policyOf = (response: Response, name: string) =>
  response.headers.get("Content-Security-Policy")?.split("; ").find((part) => part.startsWith(`${name} `));

holds("csp sets a policy that keeps to this origin", async () => {
  const response = await get(ok(new App().use(csp())), "/x");
  assert.equal(policyOf(response, "default-src"), "default-src 'self'");
  assert.equal(policyOf(response, "frame-ancestors"), "frame-ancestors 'none'");
});

differs("csp allows no inline script and no inline style", async () => {
  const response = await get(ok(new App().use(csp())), "/x");
  assert.doesNotMatch(response.headers.get("Content-Security-Policy") ?? "", /unsafe/);
});

differs("csp does not upgrade requests of a page that came over plain HTTP", async () => {
  const app = ok(new App().use(csp()));
  const policy = async (url: string) =>
    (await app(new Request(url))).headers.get("Content-Security-Policy") ?? "";
  assert.doesNotMatch(await policy("http://192.168.1.2/"), /upgrade-insecure-requests/);
  assert.match(await policy("https://192.168.1.2/"), /upgrade-insecure-requests/);
});

holds("csp's directives can be replaced and added to", async () => {
  const csps = ["connect-src 'self' wss:", "sandbox allow-scripts"];
  const response = await get(ok(new App().use(csp({ csp: csps }))), "/x");
  assert.equal(policyOf(response, "connect-src"), "connect-src 'self' wss:");
  assert.equal(policyOf(response, "sandbox"), "sandbox allow-scripts");
});

holds("csp can only report, and say where to", async () => {
  const response = await get(ok(new App().use(csp({ reportOnly: true, reportTo: "/reports" }))), "/x");
  assert.match(response.headers.get("Content-Security-Policy-Report-Only") ?? "", /report-uri \/reports/);
  assert.equal(response.headers.get("Content-Security-Policy"), null);
  assert.equal(response.headers.get("Reporting-Endpoints"), 'csp-endpoint="/reports"');
});

holds("csp with a nonce allows the scripts and styles that the page renders", async () => {
  const app = new App().use(csp({ useNonce: true })).get(
    "/x",
    (ctx) =>
      ctx.render(
        h("main", null, h("style", null, "p{}"), h("script", { dangerouslySetInnerHTML: { __html: "1" } })),
      ),
  );
  const handler = withFixture(app);
  const nonces = new Set<string>();
  for (let i = 0; i < 2; i++) {
    const response = await get(handler, "/x");
    const nonce = /'nonce-([^']+)'/.exec(policyOf(response, "script-src") ?? "")?.[1] ?? "none";
    assert.match(policyOf(response, "style-src") ?? "", new RegExp(`'nonce-${nonce}'`));
    const html = await response.text();
    assert.match(html, new RegExp(`<style nonce="${nonce}">`));
    assert.match(html, new RegExp(`<script nonce="${nonce}">`));
    nonces.add(nonce);
  }
  assert.equal(nonces.size, 2);
});

differs("csp is on error pages as well", async () => {
  const app = new App().use(csp()).fsRoutes();
  assert.ok((await get(withFixture(app), "/no/such/thing")).headers.has("Content-Security-Policy"));
});

// ---- static files

holds("static files are served with their type", async () => {
  const response = await get(fixtureApp(), "/style.css");
  assert.equal(response.status, 200);
  assert.match(response.headers.get("Content-Type") ?? "", /^text\/css/);
  assert.match(await response.text(), /color/);
});

holds("HEAD of a static file has no body", async () => {
  const response = await get(fixtureApp(), "/style.css", { method: "HEAD" });
  assert.deepEqual([response.status, await response.text()], [200, ""]);
  assert.ok(Number(response.headers.get("Content-Length")) > 0);
});

holds("a static file takes no POST", async () => {
  assert.equal((await get(fixtureApp(), "/style.css", { method: "POST" })).status, 405);
});

for (
  const path of [
    "/../deno.json",
    "/%2e%2e/deno.json",
    "/..%2fdeno.json",
    "/_fresh/build.json",
    "/build.json",
    "/metafile.json",
    "/_fresh/snapshot.js",
    "/routes/index.tsx",
    "/_fresh/maps/boot.js.map",
  ]
) {
  holds(`${path} is no file that can be asked for`, async () => {
    await logged(async () => {
      assert.match(await (await get(fixtureApp(), path)).text(), /<title>Fixture/);
    });
  });
}

ours(
  "a static file at its hashed address is kept for ever, at its plain one it is asked for again",
  async () => {
    const handler = withFixture(
      new App().use(staticFiles()).get("/where", (ctx) => ctx.text(asset("/style.css"))),
    );
    const address = await (await get(handler, "/where")).text();
    assert.match(address, /^\/style\.css\?__frsh_c=\w+$/);
    const cached = async (path: string) => (await get(handler, path)).headers.get("Cache-Control");
    assert.equal(await cached(address), "public, max-age=31536000, immutable");
    assert.equal(await cached("/style.css"), "no-cache");
    assert.equal(await cached("/style.css?__frsh_c=other"), "no-cache");
  },
);

ours("an unchanged static file is not sent again", async () => {
  const handler = fixtureApp();
  const etag = (await get(handler, "/style.css")).headers.get("ETag") ?? "";
  for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
    const response = await get(handler, "/style.css", { headers: { "If-None-Match": tag } });
    assert.deepEqual([response.status, await response.text()], [304, ""]);
  }
  assert.equal((await get(handler, "/style.css", { headers: { "If-None-Match": '"other"' } })).status, 200);
});

holds("asset leaves addresses that are not static files of this site alone", async () => {
  const app = new App().get(
    "/x",
    (ctx) => ctx.json(["https://example.org/a.css", "//example.org/a.css", "a.css"].map(asset)),
  );
  assert.deepEqual(await (await get(withFixture(app), "/x")).json(), [
    "https://example.org/a.css",
    "//example.org/a.css",
    "a.css",
  ]);
});

ours("a page that names its ETag is not sent twice", async () => {
  const handler = withFixture(
    new App().get("/x", (ctx) => ctx.text("page", { headers: { ETag: '"v1"', "x-a": "1" } })),
  );
  assert.equal((await get(handler, "/x")).status, 200);
  const response = await get(handler, "/x", { headers: { "If-None-Match": '"v1"' } });
  assert.deepEqual([response.status, response.headers.get("x-a"), await response.text()], [304, "1", ""]);
});

for (
  const [origin, asking, allowed] of [
    ["*", "https://a.example", "*"],
    ["https://a.example", "https://a.example", "https://a.example"],
    ["https://a.example", "https://b.example", null],
    [["https://a.example", "https://b.example"], "https://b.example", "https://b.example"],
    [
      (asking: string) => asking.endsWith(".example") ? asking : null,
      "https://c.example",
      "https://c.example",
    ],
  ] as const
) {
  holds(`cors with ${origin} tells ${asking} that ${allowed} may read`, async () => {
    const app = new App().use(cors({ origin: typeof origin === "object" ? [...origin] : origin }));
    const response = await get(withFixture(app.get("/x", (ctx) => ctx.text("read"))), "/x", {
      headers: { Origin: asking },
    });
    assert.equal(response.headers.get("Access-Control-Allow-Origin"), allowed);
    if (allowed?.startsWith("https:")) assert.equal(response.headers.get("Vary"), "Origin");
    assert.equal(await response.text(), "read");
  });
}

holds("cors answers what a browser asks before it sends", async () => {
  const policy = cors({
    origin: "https://a.example",
    allowMethods: ["PUT"],
    exposeHeaders: ["x-a", "x-b"],
    maxAge: 600,
    credentials: true,
  });
  const handler = withFixture(new App().use(policy).put("/x", (ctx) => ctx.text("put")));
  const { status, headers } = await get(handler, "/x", {
    method: "OPTIONS",
    headers: { Origin: "https://a.example", "Access-Control-Request-Headers": "x-c, x-d" },
  });
  assert.equal(status, 204);
  assert.deepEqual(Object.fromEntries(headers), {
    "access-control-allow-origin": "https://a.example",
    "access-control-allow-credentials": "true",
    "access-control-allow-methods": "PUT",
    "access-control-allow-headers": "x-c,x-d",
    "access-control-expose-headers": "x-a,x-b",
    "access-control-max-age": "600",
    "vary": "Origin, Access-Control-Request-Headers",
  });
});

differs("cors says that its answer depends on the origin, also to those that may not read", async () => {
  const app = new App().use(cors({ origin: "https://a.example" })).get("/x", (ctx) => ctx.text("read"));
  const { headers } = await get(withFixture(app), "/x", { headers: { Origin: "https://b.example" } });
  assert.equal(headers.get("Vary"), "Origin");
});

holds("assetSrcSet gives each address of a set its hash", () => {
  fixtureApp();
  assert.match(
    assetSrcSet("/style.css 1x, /style.css?a=b 2x"),
    /^\/style\.css\?__frsh_c=\w+ 1x, \/style\.css\?a=b&__frsh_c=\w+ 2x$/,
  );
  assert.equal(assetSrcSet("(odd)"), "(odd)");
});

holds("pictures have the hash of their file in their address, unless they say otherwise", async () => {
  const app = new App().get("/", (ctx) =>
    ctx.render(h("picture", null, [
      h("source", { srcset: "/style.css 2x" }),
      h("img", { src: "/style.css", alt: "a" }),
      h("img", { src: "/style.css", alt: "b", "data-fresh-disable-lock": true } as object),
      h("img", { src: "https://example.org/style.css", alt: "c" }),
    ])));
  const text = await (await get(withFixture(app), "/")).text();
  assert.match(text, /<source srcset="\/style\.css\?__frsh_c=\w+ 2x"/);
  assert.match(text, /<img src="\/style\.css\?__frsh_c=\w+" alt="a"/);
  assert.match(text, /<img src="\/style\.css" alt="b"/);
  assert.match(text, /<img src="https:\/\/example\.org\/style\.css" alt="c"/);
});

// What the names and exports of files in routes/ mean.

import assert from "node:assert/strict";
import { App, createDefine, page } from "fresh";
import { h } from "preact";
import { differs, holds, logged, ours } from "./conformance.ts";
import { fixtureApp, get, withFixture } from "./fixture.ts";

const html = async (path: string) => await (await get(fixtureApp(), path)).text();
const json = async (path: string) => await (await get(fixtureApp(), path)).json();

for (
  const [path, expected] of [
    ["/", "<h1>plain</h1>"],
    ["/blog", "<h1>all posts</h1>"],
    ["/blog/", "<h1>all posts</h1>"],
    ["/blog/newest", "<h1>the newest post</h1>"],
    ["/blog/seven", "<h1>post seven by /blog/:id</h1>"],
    ["/grouped", '<div class="group"><h1>grouped</h1></div>'],
    ["/async", "<h1>waited for</h1>"],
    ["/layouts", '<div class="layouts"><h1>content</h1></div>'],
    ["/layouts/inner", '<div class="layouts"><div class="layouts/inner"><h1>content</h1></div></div>'],
    ["/layouts/waiting", '<div class="layouts"><div class="waiting"><h1>content</h1></div></div>'],
    ["/local", "local 0"],
  ] as const
) {
  holds(`${path} is served by its file`, async () => {
    assert.ok((await html(path)).replaceAll(/<!--.*?-->/g, "").includes(expected), await html(path));
  });
}

for (
  const [path, expected] of [
    ["/files/a/b.txt", { path: "a/b.txt" }],
    ["/files", { path: "" }],
    ["/opt", { page: "" }],
    ["/opt/2", { page: "2" }],
    ["/v1-2", { major: "1", minor: "2" }],
    ["/elsewhere/12", { id: "12" }],
    ["/trail", ["root"]],
    ["/nav/below", ["root", "first", "second"]],
  ] as const
) {
  holds(`${path} gives its file the parts of its address`, async () => {
    assert.deepEqual(await json(path), expected);
  });
}

holds("routeOverride takes the place of the file's own path", async () => {
  assert.match(await html("/override"), /nothing at/);
  assert.match(await html("/elsewhere/x"), /nothing at/);
});

holds("skipInheritedLayouts leaves the layouts out, and keeps the app wrapper", async () => {
  assert.match(await html("/layouts/inner/alone"), /<body[^>]*><h1>content/);
});

holds("skipAppWrapper leaves _app out, and keeps the layouts", async () => {
  const text = await html("/layouts/inner/bare");
  assert.match(text, /<body><div class="layouts"><div class="layouts\/inner"><h1>content/);
  assert.doesNotMatch(text, /Fixture/);
});

holds("a layout can skip the outer layouts and _app", async () => {
  const text = await html("/layouts/own");
  assert.match(text, /<body><section class="own"><h1>content/);
});

holds("an async component may answer with a response of its own", async () => {
  const response = await get(fixtureApp(), "/respond");
  assert.deepEqual([response.status, await response.text()], [202, "not a page"]);
});

holds("a file may handle every method with one function", async () => {
  const handler = fixtureApp();
  assert.equal(await (await get(handler, "/everything")).text(), "GET");
  assert.equal(await (await get(handler, "/everything", { method: "DELETE" })).text(), "DELETE");
});

holds("handlers by method answer their own methods, and GET's answers HEAD", async () => {
  const handler = fixtureApp();
  assert.equal(await (await get(handler, "/methods")).text(), "got");
  const head = await get(handler, "/methods", { method: "HEAD" });
  assert.deepEqual([head.status, await head.text()], [200, ""]);
  const post = await get(handler, "/methods", { method: "POST", body: "this" });
  assert.deepEqual([post.status, await post.json()], [201, { posted: "this" }]);
});

differs("other methods of a file are refused, with those that there are", async () => {
  const response = await get(fixtureApp(), "/methods", { method: "DELETE" });
  assert.deepEqual([response.status, response.headers.get("Allow")], [405, "GET, HEAD, POST, OPTIONS"]);
});

differs("OPTIONS of a file lists its methods", async () => {
  const response = await get(fixtureApp(), "/methods", { method: "OPTIONS" });
  assert.deepEqual([response.status, response.headers.get("Allow")], [204, "GET, HEAD, POST, OPTIONS"]);
});

differs("a page without handlers takes no POST", async () => {
  assert.equal((await get(fixtureApp(), "/blog", { method: "POST" })).status, 405);
});

holds("a handler gives its page data, status and headers", async () => {
  const handler = fixtureApp();
  const body = new URLSearchParams({ name: "Ada" });
  const response = await get(handler, "/form", { method: "POST", body });
  assert.deepEqual([response.status, response.headers.get("x-form")], [201, "sent"]);
  assert.match(await response.text(), /<h1>form of Ada<\/h1>/);
  assert.match(await (await get(handler, "/form")).text(), /<h1>form of nobody<\/h1>/);
});

holds("middleware of the root runs around every page", async () => {
  assert.equal((await get(fixtureApp(), "/blog")).headers.get("x-root"), "yes");
});

differs("middleware of a folder sees the file of the same name beside it", async () => {
  assert.deepEqual(await json("/nav"), ["root", "first", "second"]);
});

differs("middleware on a path sees the file of that name", async () => {
  const app = new App<{ trail?: string[] }>().use("/blog/newest", (ctx) => ctx.text("seen")).fsRoutes();
  assert.equal(await (await get(withFixture(app), "/blog/newest")).text(), "seen");
});

differs("middleware on a path sees a file in a group", async () => {
  const app = new App().use("/grouped", (ctx) => ctx.text("seen")).fsRoutes();
  assert.equal(await (await get(withFixture(app), "/grouped")).text(), "seen");
});

holds("what app.use registers before the files runs before their middleware", async () => {
  const app = new App<{ trail?: string[] }>().use((ctx) => {
    ctx.state.trail = ["app"];
    return ctx.next();
  }).fsRoutes();
  assert.deepEqual(await (await get(withFixture(app), "/trail")).json(), ["app", "root"]);
});

holds("_404 stands where nothing else does", async () => {
  assert.match(
    await html("/no/such/thing"),
    /<title>Fixture<\/title>.*<h1>nothing at \/no\/such\/thing<\/h1>/s,
  );
});

differs("_404 answers with status 404", async () => {
  assert.equal((await get(fixtureApp(), "/no/such/thing")).status, 404);
});

differs("a 404 keeps the headers that middleware sets", async () => {
  assert.equal((await get(fixtureApp(), "/no/such/thing")).headers.get("x-root"), "yes");
});

holds("_error shows an HttpError with its status", async () => {
  const response = await get(fixtureApp(), "/throws?status=403");
  assert.equal(response.status, 403);
  assert.match(await response.text(), /<h1>status 403: told<\/h1>/);
});

holds("_error shows anything else that is thrown with status 500, and no detail", async () => {
  await logged(async () => {
    const response = await get(fixtureApp(), "/throws");
    const text = await response.text();
    assert.equal(response.status, 500);
    assert.match(text, /<h1>our fault<\/h1>/);
    assert.doesNotMatch(text, /secret/);
  });
});

differs("an error page keeps the headers that middleware sets", async () => {
  await logged(async () => {
    assert.equal((await get(fixtureApp(), "/throws")).headers.get("x-root"), "yes");
  });
});

differs("what is thrown is logged once, even when a page shows it", async () => {
  const lines = await logged(async () => {
    await get(fixtureApp(), "/throws");
  });
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /GET \/throws.*secret detail/);
});

ours("what is thrown is one line, whatever stands in it, or goes to whoever listens for it", async () => {
  const app = new App().get("/forged", () => {
    throw new TypeError("first\nsecond\u001b[31m");
  });
  const lines = await logged(async () => {
    await get(withFixture(app), "/forged");
  });
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /^GET \/forged failed: ".*first\\nsecond\\u001b/);

  const heard: unknown[] = [];
  const listen = (event: Event) => {
    event.preventDefault();
    heard.push(event instanceof ErrorEvent && [event.message, event.error.message]);
  };
  addEventListener("requesterror", listen);
  try {
    assert.deepEqual(await logged(async () => void await get(withFixture(app), "/forged")), []);
  } finally {
    removeEventListener("requesterror", listen);
  }
  assert.deepEqual(heard, [["GET /forged failed", "first\nsecond\u001b[31m"]]);
});

holds("a status below 500 is not logged", async () => {
  const lines = await logged(async () => {
    await get(fixtureApp(), "/throws?status=404");
  });
  assert.deepEqual(lines, []);
});

holds("a throw in the middle of a page gives the whole error page", async () => {
  await logged(async () => {
    const response = await get(fixtureApp(), "/half");
    const text = await response.text();
    assert.equal(response.status, 500);
    assert.match(text, /<title>Fixture<\/title>.*<h1>our fault<\/h1>.*<\/html>$/s);
    assert.doesNotMatch(text, /before/);
  });
});

holds("the nearest _error is the one that is shown", async () => {
  await logged(async () => {
    assert.match(await html("/admin/boom"), /the admin&#39;s error page|the admin's error page/);
  });
});

holds("a route's css is in the head of its page", async () => {
  const text = await (await get(fixtureApp(), "/styled")).text();
  assert.match(text.split("</head>", 1)[0] ?? "", /<link rel="stylesheet" href="\/style\.css[^"]*"/);
  assert.doesNotMatch(await (await get(fixtureApp(), "/")).text(), /<link rel="stylesheet"/);
});

holds("files below a pattern are served there", async () => {
  const handler = withFixture(new App().fsRoutes("/below"));
  assert.match(await (await get(handler, "/below/blog")).text(), /all posts/);
  assert.doesNotMatch(await (await get(handler, "/blog")).text(), /all posts/);
});

holds(
  "createDefine's functions give back what they are given, typed by the state and the handler's data",
  async () => {
    const define = createDefine<{ name: string }>();
    const middleware = define.middleware((ctx) => {
      ctx.state.name = "ada";
      return ctx.next();
    });
    const handler = define.handlers({ GET: (ctx) => page({ length: ctx.state.name.length }) });
    const component = define.page<typeof handler>(({ data, state }) =>
      h("p", null, state.name, data.length + 1)
    );
    const layout = define.layout(({ Component }) => h("main", null, h(Component, null)));
    const app = new App<{ name: string }>().use(middleware).layout("/", layout).route("/x", {
      handler,
      component,
    });
    assert.match(await (await get(withFixture(app), "/x")).text(), /<main><p>ada4<\/p><\/main>/);
  },
);

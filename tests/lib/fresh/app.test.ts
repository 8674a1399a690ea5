// What is registered on an App, and what a request then meets.

import assert from "node:assert/strict";
import * as fresh from "fresh";
import * as runtime from "fresh/runtime";
import { App, type Middleware, page, type PageProps } from "fresh";
import { h } from "preact";
import { differs, holds, logged, ours } from "./conformance.ts";
import { get, withFixture } from "./fixture.ts";

interface State {
  trail?: string[];
}

const mark = (name: string): Middleware<State> => (ctx) => {
  ctx.state.trail = [...ctx.state.trail ?? [], name];
  return ctx.next();
};
const trail: Middleware<State> = (ctx) => ctx.json(ctx.state.trail ?? []);

async function trailOf(app: App<State>, path: string): Promise<unknown> {
  return await (await get(withFixture(app), path)).json();
}

for (const method of ["get", "post", "put", "patch", "delete"] as const) {
  holds(`app.${method} answers its own method`, async () => {
    const app = new App()[method]("/x", (ctx) => ctx.text(`it was ${ctx.req.method}`));
    const response = await get(withFixture(app), "/x", { method: method.toUpperCase() });
    assert.equal(await response.text(), `it was ${method.toUpperCase()}`);
  });
}

holds("app.all answers every method", async () => {
  const handler = withFixture(new App().all("/x", (ctx) => ctx.text(ctx.req.method)));
  for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    assert.equal(await (await get(handler, "/x", { method })).text(), method);
  }
});

holds("HEAD is answered by the GET handler, without its body", async () => {
  const handler = withFixture(new App().get("/x", (ctx) => ctx.text("body", { headers: { "x-a": "1" } })));
  const response = await get(handler, "/x", { method: "HEAD" });
  assert.deepEqual([response.status, response.headers.get("x-a"), await response.text()], [200, "1", ""]);
});

holds("app.head answers HEAD in its own way", async () => {
  const app = new App().get("/x", (ctx) => ctx.text("get")).head(
    "/x",
    () => new Response(null, { status: 204 }),
  );
  assert.equal((await get(withFixture(app), "/x", { method: "HEAD" })).status, 204);
});

holds("a method that a path does not have is refused", async () => {
  const handler = withFixture(new App().get("/x", (ctx) => ctx.text("")).post("/x", (ctx) => ctx.text("")));
  assert.equal((await get(handler, "/x", { method: "DELETE" })).status, 405);
});

differs("a refused method is told which methods there are", async () => {
  const handler = withFixture(new App().get("/x", (ctx) => ctx.text("")).post("/x", (ctx) => ctx.text("")));
  const response = await get(handler, "/x", { method: "DELETE" });
  assert.equal(response.headers.get("Allow"), "GET, HEAD, POST, OPTIONS");
});

holds("OPTIONS is answered with the path's methods", async () => {
  const handler = withFixture(new App().get("/x", (ctx) => ctx.text("")).put("/x", (ctx) => ctx.text("")));
  const response = await get(handler, "/x", { method: "OPTIONS" });
  assert.equal(response.status, 204);
  assert.match(response.headers.get("Allow") ?? "", /GET.*PUT/);
});

holds("several handlers of one path run in order until one answers", async () => {
  const app = new App<State>().get("/x", mark("a"), mark("b"), trail);
  assert.deepEqual(await trailOf(app, "/x"), ["a", "b"]);
});

holds("middleware sees what is registered after it, in order", async () => {
  const app = new App<State>().use(mark("a")).use(mark("b"), mark("c")).get("/x", trail);
  assert.deepEqual(await trailOf(app, "/x"), ["a", "b", "c"]);
});

holds("middleware does not see what is registered before it", async () => {
  const app = new App<State>().get("/x", trail).use(mark("late"));
  assert.deepEqual(await trailOf(app, "/x"), []);
});

holds("middleware on a path sees that path and what is below it, nothing else", async () => {
  const app = new App<State>().use("/a", mark("a")).use("/a/b", mark("b"));
  app.get("/a", trail).get("/a/b", trail).get("/a/b/c", trail).get("/ab", trail);
  assert.deepEqual(await trailOf(app, "/a"), ["a"]);
  assert.deepEqual(await trailOf(app, "/a/b"), ["a", "b"]);
  assert.deepEqual(await trailOf(app, "/a/b/c"), ["a", "b"]);
  assert.deepEqual(await trailOf(app, "/ab"), []);
});

differs("middleware on a path with a star at its end sees what is below the path", async () => {
  const app = new App<State>().use("/a/*", mark("a")).get("/a/b", trail);
  assert.deepEqual(await trailOf(app, "/a/b"), ["a"]);
});

holds("middleware sees requests that nothing else answers", async () => {
  const app = new App().use((ctx) => ctx.url.pathname === "/own" ? ctx.text("mine") : ctx.next());
  const handler = withFixture(app);
  assert.equal(await (await get(handler, "/own")).text(), "mine");
  assert.equal((await get(handler, "/other")).status, 404);
});

holds("middleware can catch what is thrown after it", async () => {
  const app = new App().use(async (ctx) => {
    try {
      return await ctx.next();
    } catch (error) {
      return ctx.text(`caught ${error instanceof Error ? error.message : ""}`);
    }
  }).get("/x", () => {
    throw new Error("it");
  });
  await logged(async () => {
    assert.equal(await (await get(withFixture(app), "/x")).text(), "caught it");
  });
});

holds("middleware can change the response of what comes after it", async () => {
  const app = new App().use(async (ctx) => {
    const response = await ctx.next();
    response.headers.set("x-after", "1");
    return response;
  }).get("/x", (ctx) => ctx.text("ok"));
  assert.equal((await get(withFixture(app), "/x")).headers.get("x-after"), "1");
});

holds("a route has a component and handlers", async () => {
  const app = new App().route("/x", {
    handler: { GET: () => page({ who: "data" }) },
    component: (props) => h("p", null, JSON.stringify(props.data)),
  });
  assert.match(
    await (await get(withFixture(app), "/x")).text(),
    /<p>{&quot;who&quot;:&quot;data&quot;}<\/p>/,
  );
});

holds("layouts and the app wrapper surround routes that come after them", async () => {
  const app = new App()
    .appWrapper(({ Component }) => h("html", null, h("body", { class: "app" }, h(Component, null))))
    .layout("/a", ({ Component }) => h("div", { class: "layout" }, h(Component, null)))
    .route("/a/b", { component: () => h("p", null, "page") })
    .route("/c", { component: () => h("p", null, "page") });
  const handler = withFixture(app);
  assert.match(await (await get(handler, "/a/b")).text(), /class="app"><div class="layout"><p>page/);
  assert.match(await (await get(handler, "/c")).text(), /class="app"><p>page/);
});

holds("a layout can leave the outer layouts and the app wrapper out", async () => {
  const wrap = (name: string) => ({ Component }: PageProps) => h("div", { class: name }, h(Component, null));
  const app = new App()
    .appWrapper(wrap("app"))
    .layout("/", wrap("outer"))
    .layout("/a", wrap("inner"), { skipInheritedLayouts: true, skipAppWrapper: true })
    .route("/a/b", { component: () => h("p", null, "page") });
  const html = await (await get(withFixture(app), "/a/b")).text();
  assert.match(html, /<body><div class="inner"><p>page/);
  assert.doesNotMatch(html, /outer|"app"/);
});

holds("a base path stands before every route, and is in ctx.config", async () => {
  const app = new App({ basePath: "/base" })
    .get("/", (ctx) => ctx.text("home"))
    .get("/x", (ctx) => ctx.text(ctx.config.basePath))
    .fsRoutes();
  const handler = withFixture(app);
  assert.equal(await (await get(handler, "/base")).text(), "home");
  assert.equal(await (await get(handler, "/base/x")).text(), "/base");
  assert.match(await (await get(handler, "/base/blog")).text(), /all posts/);
  assert.match(await (await get(handler, "/blog")).text(), /nothing at/);
});

holds("two requests at once do not share a context", async () => {
  const gate = Promise.withResolvers<void>();
  const app = new App<State>().use(async (ctx) => {
    ctx.state.trail = [ctx.url.search];
    if (ctx.url.search === "?slow") await gate.promise;
    else gate.resolve();
    return ctx.next();
  }).get("/x", trail);
  const handler = withFixture(app);
  const answers = await Promise.all(
    ["/x?slow", "/x?fast"].map(async (path) => await (await get(handler, path)).json()),
  );
  assert.deepEqual(answers, [["?slow"], ["?fast"]]);
});

ours("what is left out says so when it is used, and what to do instead", () => {
  assert.throws(
    () => new App().mountApp(),
    /Cannot use app\.mountApp: this engine leaves it out on purpose\. Register/,
  );
  assert.throws(() => fresh.ipFilter(), /Cannot use ipFilter.*hono\/ip-restriction/);
  assert.throws(() => runtime.Partial(), /Cannot use <Partial>/);
});

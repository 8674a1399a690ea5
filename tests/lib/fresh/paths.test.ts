// Which route a path finds, and what of the path the route is told.

import assert from "node:assert/strict";
import { App } from "fresh";
import { differs, holds, logged } from "./conformance.ts";
import { get, withFixture } from "./fixture.ts";

holds("parameters are in ctx.params, decoded, and the pattern in ctx.route", async () => {
  const app = new App().get("/users/:id/posts/:post", (ctx) => ctx.json([ctx.params, ctx.route]));
  const response = await get(withFixture(app), "/users/gr%C3%B6%C3%9Fe/posts/a%2Fb");
  assert.deepEqual(await response.json(), [{ id: "größe", post: "a%2Fb" }, "/users/:id/posts/:post"]);
});

differs("a parameter that is not valid UTF-8 does not break the server", async () => {
  const app = new App().get("/users/:id", (ctx) => ctx.json(ctx.params));
  await logged(async () => {
    const response = await get(withFixture(app), "/users/%E0%A4%A");
    assert.deepEqual(await response.json(), { id: "%E0%A4%A" });
  });
});

for (
  const [pattern, path, expected] of [
    ["/a/*", "/a/b/c", { 0: "b/c" }],
    ["/a/:rest*", "/a/b/c", { rest: "b/c" }],
    ["/a/:rest*", "/a", { rest: "" }],
    ["/a/:rest+", "/a", null],
    ["/a/:rest+", "/a/b", { rest: "b" }],
    ["/a{/:b}?", "/a", { b: "" }],
    ["/a{/:b}?", "/a/b", { b: "b" }],
    ["/a/:id(\\d+)", "/a/12", { id: "12" }],
    ["/a/:id(\\d+)", "/a/x", null],
    ["/v:major-:minor", "/v1-2", { major: "1", minor: "2" }],
    ["/:name.json", "/data.json", { name: "data" }],
    ["/a/:id", "/a/", null],
    ["/a/:id", "/a/b/c", null],
    ["*", "/what/ever", { 0: "what/ever" }],
  ] as const
) {
  holds(`the pattern ${pattern} ${expected === null ? "does not take" : "takes"} ${path}`, async () => {
    const app = new App().get(pattern, (ctx) => ctx.json({ ...ctx.params }));
    const response = await get(withFixture(app), path);
    if (expected === null) assert.equal(response.status, 404);
    else assert.deepEqual(await response.json(), expected);
  });
}

holds("an exact path wins over a pattern that was registered before it", async () => {
  const app = new App().get("/:any", (ctx) => ctx.text("pattern")).get("/exact", (ctx) => ctx.text("exact"));
  assert.equal(await (await get(withFixture(app), "/exact")).text(), "exact");
});

holds("of two patterns the one registered first wins", async () => {
  const app = new App().get("/:a", (ctx) => ctx.text("a")).get("/:b", (ctx) => ctx.text("b"));
  assert.equal(await (await get(withFixture(app), "/x")).text(), "a");
});

holds("an exact path is found with and without a slash at its end", async () => {
  const handler = withFixture(new App().get("/a", (ctx) => ctx.text("a")).get("/b/", (ctx) => ctx.text("b")));
  assert.equal(await (await get(handler, "/a/")).text(), "a");
  assert.equal(await (await get(handler, "/b")).text(), "b");
});

holds("repeated slashes in a path are one", async () => {
  const handler = withFixture(new App().get("/a/b", (ctx) => ctx.text(ctx.url.pathname)));
  assert.equal(await (await get(handler, "//a///b")).text(), "/a/b");
});

holds("ctx.route is the pattern as URLPattern writes it", async () => {
  const app = new App().get("{/:lang}?/docs", (ctx) => ctx.text(ctx.route ?? ""));
  assert.equal(await (await get(withFixture(app), "/en/docs")).text(), "/:lang?/docs");
});

// What answers when nothing does, and when something is thrown.

import assert from "node:assert/strict";
import { App, type Context, HttpError, type Middleware } from "fresh";
import { differs, holds, logged } from "./conformance.ts";
import { get, withFixture } from "./fixture.ts";

holds("notFound answers what nothing else does, and a thrown 404", async () => {
  const app = new App().notFound((ctx) => ctx.text("nothing here", { status: 404 })).get("/x", () => {
    throw new HttpError(404);
  });
  const handler = withFixture(app);
  for (const path of ["/x", "/y"]) {
    const response = await get(handler, path);
    assert.deepEqual([response.status, await response.text()], [404, "nothing here"]);
  }
});

holds("onError answers what is thrown at its path and below it", async () => {
  const app = new App()
    .onError("/", (ctx) => ctx.text("outer", { status: 500 }))
    .onError("/a", (ctx) => ctx.text(`inner: ${ctx.error instanceof Error ? ctx.error.message : ""}`))
    .get("/a/b", () => {
      throw new Error("thrown");
    })
    .get("/c", () => {
      throw new Error("thrown");
    });
  await logged(async () => {
    const handler = withFixture(app);
    assert.equal(await (await get(handler, "/a/b")).text(), "inner: thrown");
    assert.equal(await (await get(handler, "/c")).text(), "outer");
  });
});

holds(
  "without an error page, an HttpError answers its status and message, and anything else a bare 500",
  async () => {
    const app = new App().get("/told", () => {
      throw new HttpError(403, "not yours");
    }).get("/short", () => {
      throw new HttpError(403);
    }).get("/bug", () => {
      throw new Error("secret");
    });
    await logged(async () => {
      const handler = withFixture(app);
      const answer = async (path: string) => {
        const response = await get(handler, path);
        return [response.status, await response.text()] as const;
      };
      assert.deepEqual(await answer("/told"), [403, "not yours"]);
      assert.deepEqual(await answer("/short"), [403, "Forbidden"]);
      const [status, text] = await answer("/bug");
      assert.equal(status, 500);
      assert.doesNotMatch(text, /secret/);
    });
  },
);

holds("what a handler returns must be a response or a page", async () => {
  const app = new App().get("/x", (() => "text") as unknown as Middleware<unknown>);
  await logged(async () => {
    assert.equal((await get(withFixture(app), "/x")).status, 500);
  });
});

differs("what shows that nothing matched, or that a method is refused, sees an HttpError", async () => {
  const status = (ctx: Context<unknown>) =>
    ctx.text(ctx.error instanceof HttpError ? String(ctx.error.status) : "no error");
  const handler = withFixture(
    new App().notFound(status).onError("*", status).get("/x", (ctx) => ctx.text("x")),
  );
  assert.equal(await (await get(handler, "/nothing")).text(), "404");
  assert.equal(await (await get(handler, "/x", { method: "POST" })).text(), "405");
});

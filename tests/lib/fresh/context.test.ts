// What a handler can do with its context.

import assert from "node:assert/strict";
import { App, type Context, HttpError } from "fresh";
import { Head } from "fresh/runtime";
import { h } from "preact";
import { differs, holds, logged } from "./conformance.ts";
import { get, serve, withFixture } from "./fixture.ts";

function answer(
  run: (ctx: Context<unknown>) => Response | Promise<Response>,
  path = "/x",
  init?: RequestInit,
) {
  return get(withFixture(new App().all("*", run)), path, init);
}

holds("text, html and json say their type", async () => {
  const typeOf = async (run: (ctx: Context<unknown>) => Response) =>
    (await answer(run)).headers.get("Content-Type")?.toLowerCase();
  assert.equal(await typeOf((ctx) => ctx.text("a")), "text/plain;charset=utf-8");
  assert.equal(await typeOf((ctx) => ctx.html("<p>")), "text/html; charset=utf-8");
  assert.equal(await typeOf((ctx) => ctx.json({})), "application/json");
});

holds("text, html and json take a status and headers", async () => {
  const init = { status: 201, headers: { "x-a": "1" } };
  for (
    const run of [
      (ctx: Context<unknown>) => ctx.text("a", init),
      (ctx: Context<unknown>) => ctx.html("a", init),
      (ctx: Context<unknown>) => ctx.json("a", init),
    ]
  ) {
    const response = await answer(run);
    assert.deepEqual([response.status, response.headers.get("x-a")], [201, "1"]);
  }
});

for (
  const [to, location] of [
    ["/foo/bar", "/foo/bar"],
    ["//evil.example/", "/evil.example/"],
    ["//evil.example/?a=//b", "/evil.example/?a=//b"],
    ["/a//b#//c", "/a/b#//c"],
    ["https://example.org//a", "https://example.org//a"],
    ["/", "/"],
    ["relative", "relative"],
  ] as const
) {
  holds(`a redirect to ${to} leads to ${location}`, async () => {
    const response = await answer((ctx) => ctx.redirect(to));
    assert.deepEqual([response.status, response.headers.get("location")], [302, location]);
  });
}

differs("a redirect with backslashes stays on this host", async () => {
  const response = await answer((ctx) => ctx.redirect("/\\evil.example"));
  assert.equal(response.headers.get("location"), "/evil.example");
});

holds("a redirect takes a status", async () => {
  assert.equal((await answer((ctx) => ctx.redirect("/a", 303))).status, 303);
});

holds("render gives a whole document around its markup", async () => {
  const response = await answer((ctx) =>
    ctx.render(h("p", null, "<&>"), { status: 201, headers: { "x-a": "1" } })
  );
  assert.deepEqual([response.status, response.headers.get("x-a")], [201, "1"]);
  assert.equal(response.headers.get("Content-Type"), "text/html; charset=utf-8");
  assert.match(
    await response.text(),
    /^<!DOCTYPE html><html><head><meta charset="utf-8"\/?><\/head><body><p>&lt;&amp;><\/p><\/body><\/html>$/,
  );
});

differs("an app wrapper without a head gets one, inside of its html element", async () => {
  const app = new App().appWrapper(({ Component }) =>
    h("html", { lang: "en", "data-a": "a > b" }, h("body", null, h(Component, null)))
  );
  app.get("/", (ctx) => ctx.render(h("p", null, h(Head, null, h("title", null, "a title")))));
  assert.equal(
    await (await get(withFixture(app), "/")).text(),
    '<!DOCTYPE html><html lang="en" data-a="a > b"><head><meta charset="utf-8"><title>a title</title></head>' +
      "<body><p></p></body></html>",
  );
});

holds("render takes only markup", async () => {
  await logged(async () => {
    assert.equal((await answer((ctx) => ctx.render("text" as never))).status, 500);
  });
});

holds("stream sends what a generator yields", async () => {
  const bytes = new TextEncoder().encode("bytes ");
  async function* chunks() {
    yield "text ";
    yield await Promise.resolve(bytes);
  }
  assert.equal(await (await answer((ctx) => ctx.stream(chunks()))).text(), "text bytes ");
  assert.equal(await (await answer((ctx) => ctx.stream(chunks))).text(), "text bytes ");
  assert.equal(await (await answer((ctx) => ctx.stream(["a", "b"], { status: 201 }))).text(), "ab");
});

holds("url, req, params, route, info and config describe the request", async () => {
  const response = await answer(
    (ctx) =>
      ctx.json({
        search: ctx.url.search,
        header: ctx.req.headers.get("x-a"),
        params: Object.keys(ctx.params),
        route: ctx.route,
        remote: "remoteAddr" in ctx.info,
        base: ctx.config.basePath,
        mode: ctx.config.mode,
      }),
    "/x?a=b",
    { headers: { "x-a": "1" } },
  );
  assert.deepEqual(await response.json(), {
    search: "?a=b",
    header: "1",
    params: ["0"],
    route: "/*",
    remote: true,
    base: "",
    mode: "production",
  });
});

holds("an HttpError has a status, a message and a cause", () => {
  const cause = new Error("why");
  const error = new HttpError(409, "taken", { cause });
  assert.deepEqual([error.status, error.message, error.cause, error.name], [
    409,
    "taken",
    cause,
    "HttpError",
  ]);
  assert.ok(error instanceof Error);
});

holds("upgrade refuses a request that asks for no WebSocket", async () => {
  assert.equal((await answer((ctx) => ctx.upgrade().response)).status, 400);
});

for (
  const [name, app] of [
    [
      "ctx.upgrade",
      new App().get("/ws", (ctx) => {
        const { socket, response } = ctx.upgrade();
        socket.onmessage = (event) => socket.send(`echo ${event.data}`);
        return response;
      }),
    ],
    ["app.ws", new App().ws("/ws", { message: (socket, event) => socket.send(`echo ${event.data}`) })],
  ] as const
) {
  holds(`${name} makes a WebSocket`, async () => {
    await using server = serve(withFixture(app));
    const socket = new WebSocket(server.origin.replace("http", "ws") + "/ws");
    const closed = new Promise((resolve) => socket.onclose = resolve);
    const message = await new Promise((resolve, reject) => {
      socket.onopen = () => socket.send("this");
      socket.onmessage = (event) => resolve(event.data);
      socket.onerror = reject;
    });
    assert.equal(message, "echo this");
    socket.close();
    await closed;
  });
}

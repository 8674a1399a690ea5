/**
 * The fixture project as an application, and a browser's view of it. Written against Fresh's own API only, so that the same
 * tests run on upstream.
 */
import { App, staticFiles } from "fresh";
import { Builder } from "fresh/dev";
import { stop } from "esbuild";

/** Answers requests as a server would. */
export type Handler = (request: Request, info?: Deno.ServeHandlerInfo) => Promise<Response>;

let apply: <State>(app: App<State>) => void;

// esbuild's service lives until it is stopped, longer than any one test.
Deno.test.beforeAll(async () => {
  apply = await new Builder({ root: new URL("./fixture", import.meta.url).pathname }).build({
    snapshot: "memory",
  });
});
Deno.test.afterAll(() => stop());

/** `app` with the fixture's files attached. */
export function withFixture<State>(app: App<State>): Handler {
  apply(app);
  return app.handler();
}

/** The fixture's static files and routes. */
export function fixtureApp(): Handler {
  return withFixture(new App().use(staticFiles()).fsRoutes());
}

/** Asks `handler` for a path. */
export function get(handler: Handler, path: string, init?: RequestInit): Promise<Response> {
  return handler(new Request("http://localhost" + path, init));
}

/** Serves `handler` on a free port of loopback until disposed of. */
export function serve(handler: Handler): AsyncDisposable & { readonly origin: string } {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, handler);
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

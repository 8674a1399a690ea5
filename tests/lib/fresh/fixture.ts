/**
 * The fixture project as an application, and a browser's view of it. Written against Fresh's own API only, so that the same
 * tests run on upstream.
 */
import { App, staticFiles } from "fresh";
import { Builder } from "fresh/dev";

/** Answers requests as a server would. */
export type Handler = (request: Request, info?: Deno.ServeHandlerInfo) => Promise<Response>;

let applied: Promise<(app: App<unknown>) => void> | null = null;

/** The fixture's files, attached to `app`; an application with all of them when none is given. */
export async function withFixture(
  app: App<unknown> = new App().use(staticFiles()).fsRoutes(),
): Promise<Handler> {
  applied ??= new Builder({ root: new URL("./fixture", import.meta.url).pathname }).build({
    snapshot: "memory",
  });
  (await applied)(app);
  return app.handler();
}

/** Asks `handler` for a path. */
export function get(handler: Handler, path: string, init?: RequestInit): Promise<Response> {
  return handler(new Request(new URL(path, "http://localhost"), init));
}

/** Serves `handler` on a free port of loopback until disposed of. */
export function serve(handler: Handler): AsyncDisposable & { readonly origin: string } {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, handler);
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

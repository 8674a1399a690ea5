// The relay's entry: its API and the pages on one port.

import { App, staticFiles } from "fresh";
import { createRelay, listenOrRefuse, nameRefusal, relayVariables, serve } from "./lib/relay/mod.ts";
import { createLogger, orRefuse, readConfiguration } from "./lib/process/mod.ts";
import type { State } from "./utils.ts";

const configuration = readConfiguration("relay", relayVariables);
const log = createLogger("relay", configuration);
const address = { host: configuration.HOST, port: configuration.PORT };
/** There before the history is: an address that cannot be had leaves no folder behind. */
const listener = import.meta.main
  ? await listenOrRefuse((request, info) => handler(request, info), address, log)
  : null;
const relay = orRefuse("relay", () =>
  createRelay({
    dataDir: configuration.DATA_DIR,
    historyHours: configuration.HISTORY_HOURS,
    agentToken: configuration.AGENT_TOKEN,
    viewerSecret: configuration.VIEWER_SECRET,
    trustProxy: configuration.TRUST_PROXY,
    allowedOrigins: configuration.ALLOWED_ORIGINS,
    drainSeconds: configuration.DRAIN_SECONDS,
    limits: { maxViewers: configuration.MAX_VIEWERS, maxPerAddress: configuration.MAX_PER_ADDRESS },
    log,
  }));

// What a page throws is a line of the log like any other.
addEventListener("requesterror", (event) => {
  if (!(event instanceof ErrorEvent)) return;
  event.preventDefault();
  const { message, error } = event;
  log.error(message, { reason: error instanceof Error ? error.stack : String(error) });
});

/** Whoever reaches this machine's own address may look. */
const isOpen = configuration.VIEWER_SECRET === undefined && !configuration.ALLOW_ANONYMOUS;

export const app = new App<State>()
  .use((ctx) => (isOpen ? nameRefusal(ctx.req, configuration.ALLOWED_ORIGINS) : null) ?? ctx.next())
  .use((ctx) => relay.owns(ctx.url.pathname) ? relay.fetch(ctx.req, ctx.info) : ctx.next())
  .use((ctx) => {
    ctx.state.relay = relay;
    return ctx.next();
  })
  .use(staticFiles())
  .fsRoutes();

const handler = app.handler();
export default { fetch: handler };

if (listener !== null) await serve(listener, relay, log);

// How every part of the system is: relay, history, stations, modules, and the connections of the page itself.

import { page } from "fresh";
import { Head } from "fresh/runtime";
import { PageHead } from "../components/PageHead.tsx";
import type { Status } from "../components/status.ts";
import { ConnectionBadge } from "../islands/live.tsx";
import Receipt from "../islands/Receipt.tsx";
import StatusBoard from "../islands/StatusBoard.tsx";
import { define, modulesOf } from "../utils.ts";

export const handler = define.handlers<Status>({
  GET(ctx) {
    ctx.state.title = "Status";
    const { relay } = ctx.state;
    return page<Status>({
      renderedAtMs: Date.now(),
      startedMs: relay.startedMs,
      activeStreams: relay.activeStreams(),
      parts: relay.parts(),
      stations: relay.agents().map(({ station, state, sinceMs, identity, modules, lagMs }) => ({
        ...{ station, state, sinceMs, identity, modules, lagMs },
      })),
      modules: relay.modules().map(({ module, station, cursor, newest, fault }) => ({
        ...{ module, station, cursor, fault },
        newestS: newest?.timestamp ?? null,
      })),
    });
  },
});

export default define.page<typeof handler>(({ data, url, state }) => (
  <>
    <Head>
      <noscript>
        <meta http-equiv="refresh" content="5" />
      </noscript>
    </Head>
    <PageHead modules={modulesOf(state)} current={url.pathname}>
      <ConnectionBadge renderedAtMs={data.renderedAtMs} />
    </PageHead>
    <main id="content">
      <h1>Status</h1>
      <Receipt streams={data.modules.map(({ module, cursor }) => ({ module, cursor }))} />
      <StatusBoard status={data} />
    </main>
  </>
));

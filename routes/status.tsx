// How every part of the system is: relay, history, stations, modules, and the connections of the page itself.

import { page } from "fresh";
import { Head } from "fresh/runtime";
import { PageHead } from "../components/PageHead.tsx";
import type { Status } from "../components/status.ts";
import ConnectionBadge from "../islands/ConnectionBadge.tsx";
import Receipt from "../islands/Receipt.tsx";
import StatusBoard from "../islands/StatusBoard.tsx";
import { define, modulesOf } from "../utils.ts";
import { statusOf } from "./(_shared)/status.ts";

export const handler = define.handlers<Status>({
  GET(ctx) {
    ctx.state.title = "Status";
    return page<Status>(statusOf(ctx.state.relay));
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

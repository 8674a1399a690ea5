// The dashboard: the newest reading of every channel, complete without JavaScript and alive with it.

import { page } from "fresh";
import { Head } from "fresh/runtime";
import { type Panel, panelOf } from "../components/panel.ts";
import { PageHead } from "../components/PageHead.tsx";
import ConnectionBadge from "../islands/ConnectionBadge.tsx";
import ModulePanel from "../islands/ModulePanel.tsx";
import { define, modulesOf } from "../utils.ts";

const minuteMs = 60_000;

/** What agents read where they are not told otherwise: a page that is opened before the first one has it to wait for. */
const unheard = { module: 4, station: null, newest: null, fault: null, cursor: null };

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly nowMs: number;
}

export const handler = define.handlers<Dashboard>({
  GET(ctx) {
    const { relay } = ctx.state;
    const nowMs = Date.now();
    const modules = relay.modules();
    const panels = (modules.length > 0 ? modules : [unheard])
      .map((state) => panelOf(state, relay.recent(state.module, nowMs - minuteMs), nowMs));
    return page({ panels, nowMs });
  },
});

export default define.page<typeof handler>(({ data: { panels, nowMs }, state }) => (
  <>
    <Head>
      <noscript>
        <meta http-equiv="refresh" content="5" />
      </noscript>
    </Head>
    <PageHead modules={modulesOf(state)} current="/">
      <ConnectionBadge renderedAtMs={nowMs} />
    </PageHead>
    <main id="content">
      <h1 class="spoken">Optical power</h1>
      {panels.map((panel) => <ModulePanel key={panel.module} panel={panel} />)}
    </main>
  </>
));

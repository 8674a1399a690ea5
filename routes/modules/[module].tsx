// One module: large numbers for a wall, and its history. Complete without JavaScript; the range and the unit of what is
// drawn stand in the address.

import { page } from "fresh";
import { Head } from "fresh/runtime";
import { HistoryChart } from "../../components/HistoryChart.tsx";
import { PageHead } from "../../components/PageHead.tsx";
import { type Panel, panelOf } from "../../components/panel.ts";
import { stillId } from "../../components/PlotChoices.tsx";
import { type Range, rangeNamed, type Unit } from "../../components/series.ts";
import HistoryPlot from "../../islands/HistoryPlot.tsx";
import ConnectionBadge from "../../islands/ConnectionBadge.tsx";
import ModulePanel from "../../islands/ModulePanel.tsx";
import Receipt from "../../islands/Receipt.tsx";
import type { Envelope } from "../../lib/protocol/mod.ts";
import { define } from "../../utils.ts";

const minuteMs = 60_000;
const columns = 240;
/** Seconds after which a page without JavaScript asks for the next one; a long range hardly changes. */
const renewals = { short: 5, long: 60 };
const shortS = 600;

interface Known {
  readonly panel: Panel;
  readonly envelope: Envelope;
  readonly range: Range;
  readonly unit: Unit;
}

interface Data {
  readonly modules: readonly number[];
  /** Null: nobody reads this module. */
  readonly known: Known | null;
}

export const handler = define.handlers<Data>({
  async GET(ctx) {
    const { relay } = ctx.state;
    const states = relay.modules();
    const modules = states.map(({ module }) => module);
    const state = states.find(({ module }) => String(module) === ctx.params["module"]);
    if (state === undefined) {
      ctx.state.title = "No such module";
      return page<Data>({ modules, known: null }, { status: 404 });
    }
    ctx.state.title = `Module ${state.module}`;
    const nowMs = Date.now();
    const range = rangeNamed(ctx.url.searchParams.get("range"));
    const unit = ctx.url.searchParams.get("unit") === "mW" ? "mW" : "dBm";
    const panel = panelOf(state, relay.recent(state.module, nowMs - minuteMs), nowMs);
    const [from, to] = [nowMs / 1000 - range.seconds, nowMs / 1000];
    const envelope = await relay.envelope({ module: state.module, from, to, columns });
    return page<Data>({ modules, known: { panel, envelope, range, unit } });
  },
});

export default define.page<typeof handler>(({ data: { modules, known }, url }) => {
  if (known === null) return <NobodyReads modules={modules} pathname={url.pathname} />;
  const { panel, envelope, range, unit } = known;
  const { module, cursor, renderedAtMs } = panel;
  const renewS = range.seconds > shortS ? renewals.long : renewals.short;
  return (
    <>
      <Head>
        <noscript>
          <meta http-equiv="refresh" content={`${renewS}`} />
        </noscript>
      </Head>
      <PageHead modules={modules} current={url.pathname}>
        <ConnectionBadge renderedAtMs={renderedAtMs} />
      </PageHead>
      <main id="content">
        <h1 class="spoken">Module {module}: optical power and its history</h1>
        <Receipt streams={[{ module, cursor }]} />
        <div class="wall">
          <ModulePanel panel={panel} />
        </div>
        <section class="history" aria-labelledby="history">
          <h2 id="history">History</h2>
          <HistoryPlot
            module={module}
            range={range.name}
            unit={unit}
            cursor={cursor}
            renderedAtMs={renderedAtMs}
          />
          <div id={stillId}>
            <HistoryChart envelope={envelope} unit={unit} />
          </div>
        </section>
      </main>
    </>
  );
});

function NobodyReads(
  { modules, pathname }: { readonly modules: readonly number[]; readonly pathname: string },
) {
  return (
    <>
      <PageHead modules={modules} />
      <main id="content" class="error-page">
        <h1>Nobody reads this module</h1>
        <p>
          No agent has announced the module of <code>{pathname}</code>, and the history holds nothing of it.
        </p>
        {modules.length > 0 && (
          <ul>
            {modules.map((module) => (
              <li key={module}>
                <a href={`/modules/${module}`}>Module {module}</a>
              </li>
            ))}
          </ul>
        )}
        <p>
          <a href="/">Go to the live readings</a>
        </p>
      </main>
    </>
  );
}

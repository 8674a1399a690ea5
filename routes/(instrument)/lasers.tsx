// The reference lasers: what each does, on, off and its settings. A form posts, the page that follows says what happened.

import { page } from "fresh";
import { Head } from "fresh/runtime";
import { formatClock } from "../../components/format.ts";
import { PageHead } from "../../components/PageHead.tsx";
import { StationLinks } from "../../components/StationLinks.tsx";
import LaserList from "../../islands/lasers.tsx";
import NoInstrument from "../../islands/NoInstrument.tsx";
import { type CommandParams, commands } from "../../lib/protocol/mod.ts";
import type { InstrumentKnowledge } from "../../lib/relay/mod.ts";
import { fieldsOf } from "../(_shared)/form.ts";
import { instrumentOf, type Notice, stationOf, wrongWith } from "./(_shared)/instrument.ts";
import { define, modulesOf } from "../../utils.ts";

interface Lasers {
  readonly stations: readonly string[];
  readonly station: string | null;
  /** Null before its agent has said anything. */
  readonly known: Pick<InstrumentKnowledge, "lasers" | "current"> | null;
  /** Why whoever looks may not change anything; null where he may. */
  readonly locked: string | null;
  readonly notice: Notice | null;
  readonly nowMs: number;
}

type Context = Parameters<typeof instrumentOf>[0];

export const handler = define.handlers<Lasers>({
  GET(ctx) {
    return page(lasersOf(ctx, doneOf(ctx.url.searchParams)));
  },
  async POST(ctx) {
    const { instruments } = ctx.state.relay;
    const station = stationOf(ctx);
    const form = await fieldsOf(ctx.req);
    const params = paramsOf(form);
    if (typeof params === "string") {
      return page(lasersOf(ctx, { good: false, words: params }), { status: 400 });
    }
    if (typeof station !== "string") {
      return page(lasersOf(ctx, { good: false, words: station.detail }), { status: station.status });
    }
    const outcome = await instruments.change(
      { request: ctx.req, info: ctx.info },
      station,
      "rlaser.set",
      params,
    );
    if (outcome.ok) {
      const done = `done=${form.get("action")}&laser=${params.laser}`;
      return ctx.redirect(`/lasers?station=${station}&${done}`, 303);
    }
    return page(lasersOf(ctx, { good: false, words: outcome.detail }), { status: outcome.status });
  },
});

function lasersOf(ctx: Context, notice: Notice | null): Lasers {
  ctx.state.title = "Lasers";
  const { stations, station, known } = instrumentOf(ctx);
  const refused = ctx.state.relay.instruments.roleRefusal({ request: ctx.req, info: ctx.info });
  return {
    stations,
    station,
    known: known && { lasers: known.lasers, current: known.current },
    locked: refused?.detail ?? null,
    notice,
    nowMs: Date.now(),
  };
}

/** What the form asks for, or what is wrong with it. */
function paramsOf(form: URLSearchParams): CommandParams<"rlaser.set"> | string {
  const action = form.get("action");
  const number = (name: string) => form.get(name) ? { [name]: Number(form.get(name)) } : {};
  const settings = action === "set"
    ? { ...number("wavelength_nm"), ...number("power") }
    : { on: action === "on" };
  if (action !== "set" && action !== "on" && action !== "off") return "The form is not one of this page's.";
  if (Object.keys(settings).length === 0) return "Nothing was given: fill in a wavelength or a power.";
  const found = commands["rlaser.set"].params.safeParse({ laser: Number(form.get("laser")), ...settings });
  if (found.success) return found.data;
  return wrongWith(found.error);
}

/** What the redirect says was done. */
function doneOf(query: URLSearchParams): Notice | null {
  const laser = Number(query.get("laser"));
  if (!Number.isInteger(laser) || laser < 1 || laser > 10) return null;
  switch (query.get("done")) {
    case "on":
      return { good: true, words: `Laser ${laser} was switched on.` };
    case "off":
      return { good: true, words: `Laser ${laser} was switched off.` };
    case "set":
      return { good: true, words: `Laser ${laser} was set.` };
    default:
      return null;
  }
}

export default define.page<typeof handler>((
  { data: { stations, station, known, locked, notice, nowMs }, state },
) => (
  <>
    <Head>
      <noscript>
        <meta
          http-equiv="refresh"
          content={`10; url=${station === null ? "/lasers" : `/lasers?station=${station}`}`}
        />
      </noscript>
    </Head>
    <PageHead modules={modulesOf(state)} current="/lasers">
      <p class="quiet">{station && `${station}, `}{formatClock(nowMs)}</p>
    </PageHead>
    <main id="content" class="instrument">
      <h1>Lasers</h1>
      <StationLinks path="/lasers" stations={stations} station={station} />
      {notice && <p class={notice.good ? "done" : "notice"} role="status">{notice.words}</p>}
      {locked !== null && <p class="quiet">You may look, not change anything: {locked}</p>}
      {station !== null && known !== null
        ? <LaserList station={station} {...known} operator={locked === null} />
        : <NoInstrument station={station} />}
    </main>
  </>
));

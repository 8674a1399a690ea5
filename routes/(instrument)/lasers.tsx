// The reference lasers: what each does, on, off and its settings. A form posts, the page that follows says what happened.

import { page } from "fresh";
import { Head } from "fresh/runtime";
import { formatClock } from "../../components/format.ts";
import { FormNotice } from "../../components/FormNotice.tsx";
import type { RefusedForm } from "../../components/NumberField.tsx";
import { PageHead } from "../../components/PageHead.tsx";
import { StationLinks } from "../../components/StationLinks.tsx";
import LaserList from "../../islands/lasers.tsx";
import NoInstrument from "../../islands/NoInstrument.tsx";
import { type CommandParams, commands, type LaserState } from "../../lib/protocol/mod.ts";
import type { InstrumentKnowledge } from "../../lib/relay/mod.ts";
import { fieldsOf } from "../(_shared)/form.ts";
import { instrumentOf, stationOf, type Wrong, wrongWith } from "./(_shared)/instrument.ts";
import { define, modulesOf } from "../../utils.ts";

interface Lasers {
  readonly stations: readonly string[];
  readonly station: string | null;
  /** Null before its agent has said anything. */
  readonly known: Pick<InstrumentKnowledge, "lasers" | "current"> | null;
  /** Why whoever looks may not change anything; null where he may. */
  readonly locked: string | null;
  /** What a form has done, in words. */
  readonly done: string | null;
  readonly refused: RefusedForm | null;
  readonly nowMs: number;
}

type Context = Parameters<typeof instrumentOf>[0];

export const handler = define.handlers<Lasers>({
  GET(ctx) {
    return page(lasersOf(ctx));
  },
  async POST(ctx) {
    const form = await fieldsOf(ctx.req);
    const action = form.get("action");
    const refuse = (words: string, status: number, wrong: readonly string[] = []) =>
      page(lasersOf(ctx, { words, entries: Object.fromEntries(form), wrong }), { status });
    const params = paramsOf(form);
    if ("wrong" in params) return refuse(params.words, 400, params.wrong);
    const station = stationOf(ctx);
    if (typeof station !== "string") return refuse(station.detail, station.status);

    const { laser, ...settings } = params;
    let done = "";
    // One after another: so it is known what was done before one is refused.
    for (const [name, value] of Object.entries(settings)) {
      const sender = { request: ctx.req, info: ctx.info };
      const outcome = await ctx.state.relay.instruments.change(sender, station, "rlaser.set", {
        laser,
        [name]: value,
      });
      if (!outcome.ok) {
        return refuse(done + outcome.detail, outcome.status, outcome.status === 409 ? [name] : []);
      }
      if (name === "wavelength_nm") done = `The wavelength was set to ${value} nm. `;
    }
    return ctx.redirect(`/lasers?station=${station}&done=${action}&laser=${laser}`, 303);
  },
});

function lasersOf(ctx: Context, refused: RefusedForm | null = null): Lasers {
  ctx.state.title = "Lasers";
  const { stations, station, known } = instrumentOf(ctx);
  const locked = ctx.state.relay.instruments.roleRefusal({ request: ctx.req, info: ctx.info });
  return {
    stations,
    station,
    known: known && { lasers: known.lasers, current: known.current },
    locked: locked?.detail ?? null,
    done: refused ? null : doneOf(ctx.url.searchParams, known?.lasers ?? []),
    refused,
    nowMs: Date.now(),
  };
}

/** What the form asks for, or what is wrong with it. */
function paramsOf(form: URLSearchParams): CommandParams<"rlaser.set"> | Wrong {
  const action = form.get("action");
  const number = (name: string) => form.get(name) ? { [name]: Number(form.get(name)) } : {};
  const settings = action === "set"
    ? { ...number("wavelength_nm"), ...number("power") }
    : { on: action === "on" };
  if (action !== "set" && action !== "on" && action !== "off") {
    return { words: "The form is not one of this page's.", wrong: [] };
  }
  if (Object.keys(settings).length === 0) {
    const words = "Nothing was given: fill in a wavelength or a power.";
    return { words, wrong: ["wavelength_nm", "power"] };
  }
  const found = commands["rlaser.set"].params.safeParse({ laser: Number(form.get("laser")), ...settings });
  return found.success ? found.data : wrongWith(found.error);
}

/** What the redirect says was done, where it is so. */
function doneOf(query: URLSearchParams, lasers: readonly LaserState[]): string | null {
  const state = lasers.find(({ laser }) => String(laser) === query.get("laser"));
  switch (query.get("done")) {
    case "on":
      return state?.on ? `Laser ${state.laser} was switched on.` : null;
    case "off":
      return state && !state.on ? `Laser ${state.laser} was switched off.` : null;
    case "set":
      return state ? `Laser ${state.laser} was set.` : null;
    default:
      return null;
  }
}

export default define.page<typeof handler>((
  { data: { stations, station, known, locked, done, refused, nowMs }, state },
) => {
  const address = station === null ? "/lasers" : `/lasers?station=${station}`;
  return (
    <>
      {(locked !== null || known === null) && (
        <Head>
          <noscript>
            <meta http-equiv="refresh" content={`10; url=${address}`} />
          </noscript>
        </Head>
      )}
      <PageHead modules={modulesOf(state)} current="/lasers">
        <p class="quiet">{station && `${station}, `}{formatClock(nowMs)}</p>
      </PageHead>
      <main id="content" class="instrument">
        <h1>Lasers</h1>
        <StationLinks path="/lasers" stations={stations} station={station} />
        <FormNotice done={done} refused={refused?.words ?? null} />
        {locked !== null && <p class="quiet">You may look, not change anything: {locked}</p>}
        {/* By itself it would be renewed while somebody fills in a form. */}
        <noscript>
          <p>
            <a href={address}>Renew this page</a>
          </p>
        </noscript>
        {station !== null && known !== null
          ? <LaserList station={station} {...known} operator={locked === null} refused={refused} />
          : <NoInstrument station={station} />}
      </main>
    </>
  );
});

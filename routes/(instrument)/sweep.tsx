// The sweep: its settings, start and abort, how far it is, and what it found. A form posts, the page that follows says what
// happened; without a script it renews itself while something is on its way.

import { page } from "fresh";
import { Head } from "fresh/runtime";
import { formatClock } from "../../components/format.ts";
import { FormNotice } from "../../components/FormNotice.tsx";
import { NumberField, type RefusedForm } from "../../components/NumberField.tsx";
import { PageHead } from "../../components/PageHead.tsx";
import type { Place } from "../../components/SpectrumPlot.tsx";
import { StationLinks } from "../../components/StationLinks.tsx";
import { cursorNm, draw, pointAt } from "../../components/spectrum.ts";
import NoInstrument from "../../islands/NoInstrument.tsx";
import SweepPanel, { type Shown } from "../../islands/sweep.tsx";
import { type CommandParams, commands, type SweepProgress } from "../../lib/protocol/mod.ts";
import { fieldsOf } from "../(_shared)/form.ts";
import { instrumentOf, stationOf, type Wrong, wrongWith } from "./(_shared)/instrument.ts";
import { define, modulesOf } from "../../utils.ts";

/** For a trace that is still on its way: what has come by then is shown. */
const patienceMs = 1500;
const traces = commands["trace.open"].params.shape.trace;

interface Settings {
  readonly start_nm: number;
  readonly stop_nm: number;
  readonly speed_nm_s: number;
  readonly sampling_pm: number;
}

interface Spectrum {
  readonly shown: Shown;
  /** How much of it had come, up to 1. */
  readonly part: number;
}

interface SweepPage {
  readonly stations: readonly string[];
  readonly station: string | null;
  /** Null before its agent has said anything. */
  readonly sweep: SweepProgress["data"] | null;
  readonly settings: Settings | null;
  readonly locked: string | null;
  /** What a form has done, in words. */
  readonly done: string | null;
  readonly refused: RefusedForm | null;
  readonly place: Place;
  readonly modules: readonly number[];
  readonly spectrum: Spectrum | null;
  readonly nowMs: number;
}

type Context = Parameters<typeof instrumentOf>[0];

export const handler = define.handlers<SweepPage>({
  async GET(ctx) {
    return page(await sweepOf(ctx));
  },
  async POST(ctx) {
    const { instruments } = ctx.state.relay;
    const form = await fieldsOf(ctx.req);
    const action = form.get("action");
    const refuse = async (words: string, status: number, wrong: readonly string[] = []) =>
      page(await sweepOf(ctx, { words, entries: Object.fromEntries(form), wrong }), { status });
    const station = stationOf(ctx);
    if (typeof station !== "string") return await refuse(station.detail, station.status);
    if (action !== "start" && action !== "abort") {
      return await refuse("The form is not one of this page's.", 400);
    }
    const params = action === "start" ? startOf(form) : {};
    if ("wrong" in params) return await refuse(params.words, 400, params.wrong);
    const sender = { request: ctx.req, info: ctx.info };
    const outcome = await instruments.change(sender, station, `sweep.${action}`, params);
    if (!outcome.ok) return await refuse(outcome.detail, outcome.status);
    const begun = outcome.value.started_at ?? "";
    return ctx.redirect(`/sweep?station=${station}&done=${action}&begun=${begun}`, 303);
  },
});

/** What the form asks for, or what is wrong with it. */
function startOf(form: URLSearchParams): CommandParams<"sweep.start"> | Wrong {
  const names = ["start_nm", "stop_nm", "speed_nm_s", "sampling_pm"];
  const given = Object.fromEntries(
    names.flatMap((name) => form.get(name) ? [[name, Number(form.get(name))]] : []),
  );
  const found = commands["sweep.start"].params.safeParse(given);
  return found.success ? found.data : wrongWith(found.error);
}

/** What the redirect says was done, where the sweep that is shown is the one that it was done to. */
function doneOf(query: URLSearchParams, sweep: SweepProgress["data"] | null): string | null {
  if (!sweep?.started_at || sweep.started_at !== query.get("begun")) return null;
  switch (query.get("done")) {
    case "start":
      return "The sweep was started.";
    case "abort":
      return sweep.state === "done" ? null : "The sweep was aborted.";
    default:
      return null;
  }
}

async function sweepOf(ctx: Context, refused: RefusedForm | null = null): Promise<SweepPage> {
  ctx.state.title = "Sweep";
  const { relay } = ctx.state;
  const { stations, station, known } = instrumentOf(ctx);
  const sweep = known?.sweep ?? null;
  const modules = relay.modules().filter((state) => state.station === station).map(({ module }) => module);
  const place = placeOf(ctx.url.searchParams, modules);
  const locked = relay.instruments.roleRefusal({ request: ctx.req, info: ctx.info });
  const [settings, spectrum] = station === null || sweep === null ? [null, null] : await Promise.all([
    settingsOf(ctx, station),
    sweep.state === "running" ? null : spectrumOf(ctx, station, place),
  ]);
  return {
    stations,
    station,
    sweep,
    settings,
    locked: locked?.detail ?? null,
    done: refused ? null : doneOf(ctx.url.searchParams, sweep),
    refused,
    place,
    modules: modules.length > 0 ? modules : [place.module],
    spectrum,
    nowMs: Date.now(),
  };
}

async function settingsOf({ state }: Context, station: string): Promise<Settings | null> {
  const { instruments } = state.relay;
  const answers = Promise.all([
    instruments.ask(station, "tls.get", { tls: 1 }),
    instruments.ask(station, "sweep.get", {}),
  ]);
  // A line that carries a trace has no time for questions.
  const [tls, sweep] = await within(patienceMs, answers) ?? [];
  if (!tls?.ok || !sweep?.ok) return null;
  const { start_nm, stop_nm, speed_nm_s } = tls.value;
  return { start_nm, stop_nm, speed_nm_s, sampling_pm: sweep.value.sampling_pm };
}

function placeOf(query: URLSearchParams, modules: readonly number[]): Place {
  const found = commands["trace.open"].params.safeParse({
    module: Number(query.get("module") ?? modules[0] ?? 4),
    channel: Number(query.get("channel") ?? 1),
    trace: query.get("trace") ?? "transmission",
  });
  return found.success ? found.data : { module: modules[0] ?? 4, channel: 1, trace: "transmission" };
}

async function spectrumOf({ state, url }: Context, station: string, place: Place): Promise<Spectrum | null> {
  const { module, channel } = place;
  const trace = await state.relay.instruments.trace(station, {
    module,
    channel,
    trace: traces.parse(place.trace),
  });
  if ("status" in trace) return null;
  await within(patienceMs, trace.whole());
  const levels = trace.soFar();
  const extent = { startNm: trace.start_nm, samplingPm: trace.sampling_pm, length: trace.length };
  const at = (name: string, part: number) =>
    pointAt(extent, levels, cursorNm(extent, part, Number(url.searchParams.get(name) ?? NaN)));
  const cursors = { a: at("a", 1 / 3), b: at("b", 2 / 3) };
  return {
    shown: { extent, drawing: draw(levels, extent.length), cursors },
    part: trace.received / trace.length,
  };
}

/** What comes of `work` in time; undefined where it takes longer. */
async function within<T>(limitMs: number, work: Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(late.resolve, limitMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

const fields = [
  { name: "start_nm", words: "From, nm", min: 1260, max: 1640, step: 0.001 },
  { name: "stop_nm", words: "To, nm", min: 1260, max: 1640, step: 0.001 },
  { name: "speed_nm_s", words: "Speed, nm/s", min: 5, max: 200, step: 1 },
  { name: "sampling_pm", words: "Sampling, pm", min: 1, max: 250, step: 1 },
] as const;

const traceWords = {
  transmission: "Transmission",
  live: "Power",
  reference: "Reference",
  quick_reference: "Quick reference",
} as const;

export default define.page<typeof handler>(({ data, state }) => {
  const { stations, station, sweep, settings, locked, done, refused, place, modules, spectrum, nowMs } = data;
  const onItsWay = sweep === null || sweep.state === "running" || sweep.state === "unknown" ||
    (spectrum !== null && spectrum.part < 1);
  const query = `${
    station === null ? "" : `station=${station}&`
  }module=${place.module}&channel=${place.channel}&trace=${place.trace}`;
  return (
    <>
      {onItsWay && refused === null && (
        <Head>
          <noscript>
            <meta http-equiv="refresh" content={`2; url=/sweep?${query}`} />
          </noscript>
        </Head>
      )}
      <PageHead modules={modulesOf(state)} current="/sweep">
        <p class="quiet">{station && `${station}, `}{formatClock(nowMs)}</p>
      </PageHead>
      <main id="content" class="instrument">
        <h1>Sweep</h1>
        <StationLinks path="/sweep" stations={stations} station={station} />
        <FormNotice done={done} refused={refused?.words ?? null} />
        {locked !== null && <p class="quiet">You may look, not change anything: {locked}</p>}
        {station === null || sweep === null ? <NoInstrument station={station} /> : (
          <>
            {locked === null && (
              <form method="post" action={`/sweep?station=${station}`} class="box">
                <h2>Settings</h2>
                <div class="fields">
                  {fields.map((field) => (
                    <NumberField
                      key={field.name}
                      id={field.name}
                      {...field}
                      value={settings?.[field.name]}
                      refused={refused?.entries.action === "start" ? refused : null}
                      required
                    />
                  ))}
                  <button type="submit" name="action" value="start">Start the sweep</button>
                </div>
                <p class="quiet">Tunable laser 1 shines while it sweeps, and may stay on afterwards.</p>
              </form>
            )}
            <form method="get" action="/sweep" class="box">
              <h2>Spectrum</h2>
              <input type="hidden" name="station" value={station} />
              <div class="fields">
                <p>
                  <label for="module">Module</label>
                  <select id="module" name="module">
                    {modules.map((module) => (
                      <option key={module} value={module} selected={module === place.module}>{module}</option>
                    ))}
                  </select>
                </p>
                <p>
                  <label for="channel">Channel</label>
                  <select id="channel" name="channel">
                    {[1, 2, 3, 4, 5, 6].map((channel) => (
                      <option key={channel} value={channel} selected={channel === place.channel}>
                        {channel}
                      </option>
                    ))}
                  </select>
                </p>
                <p>
                  <label for="trace">Trace</label>
                  <select id="trace" name="trace">
                    {traces.options.map((trace) => (
                      <option key={trace} value={trace} selected={trace === place.trace}>
                        {traceWords[trace]}
                      </option>
                    ))}
                  </select>
                </p>
                <button type="submit">Show</button>
              </div>
              {spectrum !== null && spectrum.part < 1 && (
                <p class="quiet">
                  {Math.floor(spectrum.part * 100)} % had been read when this page was made.
                </p>
              )}
            </form>
            <SweepPanel
              station={station}
              sweep={sweep}
              place={place}
              operator={locked === null}
              shown={spectrum?.shown ?? null}
            />
          </>
        )}
      </main>
    </>
  );
});

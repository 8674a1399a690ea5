// What the pages of the instrument share: which instrument is shown, and what is wrong with a form.

import { station as stationName } from "../../../lib/protocol/mod.ts";
import type { Failure, InstrumentKnowledge, Relay } from "../../../lib/relay/mod.ts";

/** What is needed of a request's context. */
interface RequestContext {
  readonly req: Request;
  readonly url: URL;
  readonly info: Deno.ServeHandlerInfo;
  readonly state: { readonly relay: Relay; title?: string };
}

/** What a page shows. */
export interface Instrument {
  /** Every station that there is. */
  readonly stations: readonly string[];
  /** The one that is shown; null while there is none. */
  readonly station: string | null;
  /** What is known of its instrument; null before its agent has said anything. */
  readonly known: InstrumentKnowledge | null;
}

/** The instrument of the station that the address names, or else of one whose agent is there. */
export function instrumentOf({ url, state }: RequestContext): Instrument {
  const agents = state.relay.agents();
  const here = agents.find(({ state }) => state === "online") ?? agents[0];
  const named = stationName.safeParse(url.searchParams.get("station")).data;
  const station = named ?? here?.station ?? null;
  const known = state.relay.instruments.all().find((known) => known.station === station) ?? null;
  return { stations: agents.map(({ station }) => station), station, known };
}

/** The station that a form is for: the one that its address names, whatever that is; without one, the only one. */
export function stationOf({ url, state }: RequestContext): string | Failure {
  return state.relay.instruments.station(url.searchParams.get("station") ?? undefined);
}

/** What forms call the fields of commands. */
const labels: ReadonlyMap<string, string> = new Map(Object.entries({
  start_nm: "From",
  stop_nm: "To",
  speed_nm_s: "Speed",
  sampling_pm: "Sampling",
  wavelength_nm: "Wavelength",
  power: "Power",
  laser: "Laser",
}));

/** What a schema says of a value. */
interface Issues {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}

/** What is wrong with a form, in its own words, and with which fields. */
export interface Wrong {
  readonly words: string;
  readonly wrong: readonly string[];
}

/** What a schema finds wrong with a form. */
export function wrongWith({ issues }: Issues): Wrong {
  const inWords = (text: string) => text.replace(/\w+/g, (name) => labels.get(name) ?? name);
  return {
    words: issues.map(({ path, message }) => inWords(`${path.join(".")} ${message}`)).join("; ") + ".",
    wrong: issues.map(({ path }) => path.join(".")),
  };
}

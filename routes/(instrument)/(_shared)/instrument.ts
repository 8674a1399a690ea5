// What the pages of the instrument share: which instrument is shown, and what is wrong with a form.

import type { InstrumentKnowledge, Relay } from "../../../lib/relay/mod.ts";

/** What happened, in one sentence. */
export interface Notice {
  readonly good: boolean;
  readonly words: string;
}

/** What is needed of a request's context. */
interface RequestContext {
  readonly req: Request;
  readonly url: URL;
  readonly info: Deno.ServeHandlerInfo;
  readonly state: { readonly relay: Relay; title?: string };
}

/** The station that `?station=` names, or the first one; null while there is none. */
export function instrumentOf(
  { url, state }: RequestContext,
): { readonly station: string | null; readonly known: InstrumentKnowledge | null } {
  const all = state.relay.instruments.all();
  const named = url.searchParams.get("station");
  const known = (named === null ? all[0] : all.find(({ station }) => station === named)) ?? null;
  return { station: known?.station ?? null, known };
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

/** What is wrong with a form, in its own words. */
export function wrongWith({ issues }: Issues): string {
  const inWords = (text: string) => text.replace(/\w+/g, (name) => labels.get(name) ?? name);
  return issues.map(({ path, message }) => inWords(`${path.join(".")} ${message}`)).join("; ") + ".";
}

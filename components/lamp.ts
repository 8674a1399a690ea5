// Which lasers are on, in words, for the lamp above every page. Pure; the same on the server and in a browser.

import type { LaserState } from "../lib/protocol/mod.ts";

/** The words; empty while no laser is on, as far as is known. */
export function lampWords(lasers: readonly LaserState[] | null): string {
  const on = (lasers ?? []).filter(({ on }) => on);
  if (on.length === 0) return "";
  const names = on.map(({ laser, wavelength_nm }) => `laser ${laser} (${wavelength_nm.toFixed(2)} nm)`);
  const all = [names.slice(0, -1).join(", "), names.at(-1)].filter(Boolean).join(" and ");
  return `${all[0]?.toUpperCase()}${all.slice(1)} ${on.length === 1 ? "is" : "are"} on`;
}

/** Where the lamp is in every page. */
export const lampId = "lamp";

/** Shows the words in a page that is open. */
export function light(words: string): void {
  const lamp = document.getElementById(lampId);
  if (lamp === null) return;
  lamp.hidden = words === "";
  lamp.textContent = words;
}

// Which lasers of an instrument shine, in words: for the lamp above every page.

import type { LaserState } from "../../protocol/mod.ts";

/** What is known of one instrument's lasers. */
export interface Lamps {
  /** By number; null where they were never heard. */
  readonly lasers: readonly LaserState[] | null;
  /** Whether `lasers` are so now, or were when the instrument was last heard. */
  readonly current: boolean;
  /** Whether a sweep runs: its laser is on, whatever it says of itself. */
  readonly sweeping: boolean;
}

/** The words; empty while there is no light. */
export function lampWords({ lasers, current, sweeping }: Lamps): string {
  const on = (lasers ?? []).filter(({ on }) => on);
  const names = on.map(({ laser, wavelength_nm }) => `laser ${laser} (${wavelength_nm.toFixed(2)} nm)`);
  if (sweeping) names.unshift("the sweeping laser");
  if (names.length === 0) return "";
  const all = [names.slice(0, -1).join(", "), names.at(-1)].filter(Boolean).join(" and ");
  const subject = `${all[0]?.toUpperCase()}${all.slice(1)}`;
  const one = names.length === 1;
  if (current) return `${subject} ${one ? "is" : "are"} on`;
  return `${subject} ${one ? "was" : "were"} on when the instrument was last heard`;
}

// The units of the lasers' powers. The instrument does not tell the unit that it answers in: it is the one that was set
// last, which is known only where it was set from here.

import type { Ctp10, PowerSetting, PowerUnit } from "./ctp10/mod.ts";

/** Of every instrument that is, or was, there: one that comes back may have been set by somebody else. */
export class LaserUnits {
  readonly #units = new WeakMap<Ctp10, Map<string, PowerUnit>>();

  /** The unit of that laser's power; null where nobody knows it. */
  of(ctp10: Ctp10, laser: string): PowerUnit | null {
    return this.#units.get(ctp10)?.get(laser) ?? null;
  }

  /** That laser's power was set. */
  note(ctp10: Ctp10, laser: string, setting: PowerSetting | undefined): void {
    if (setting === undefined) return;
    const units = this.#units.get(ctp10) ?? new Map<string, PowerUnit>();
    this.#units.set(ctp10, units.set(laser, setting.unit));
  }
}

// Bad weather for a proxy: what the network does to a connection, drawn from a seed, so that a failure can be looked at again.

import type { Proxy, ProxyMode } from "./proxy.ts";

/** One stretch of weather. */
export interface Spell {
  readonly mode: ProxyMode;
  /** Whether it begins by cutting every connection. */
  readonly cut: boolean;
  readonly ms: number;
}

/** A number generator that a seed makes repeatable (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = state + 0x6d2b79f5 >>> 0;
    let mixed = Math.imul(state ^ state >>> 15, state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}

/** Spells that last `totalMs` together, each at most `longestMs`. Every third is fair, or nothing would ever get through. */
export function forecast(random: () => number, totalMs: number, longestMs: number): readonly Spell[] {
  const between = (least: number, most: number) => least + (most - least) * random();
  const modes: readonly (() => ProxyMode)[] = [
    () => ({ type: "pass" }),
    () => ({ type: "pass" }),
    () => ({ type: "delay", ms: between(20, 400) }),
    // from a tenth of what a page needs to plenty
    () => ({ type: "throttle", bytesPerSecond: 2 ** between(9, 17) }),
    () => ({ type: "blackhole" }),
    () => ({ type: "refuse" }),
  ];
  const spells: Spell[] = [];
  for (let leftMs = totalMs; leftMs > 0;) {
    const ms = Math.min(leftMs, between(longestMs / 50, longestMs));
    const mode = modes[Math.floor(random() * modes.length)]?.() ?? { type: "pass" };
    spells.push({ mode, cut: random() < 0.4, ms });
    leftMs -= ms;
  }
  return spells;
}

/** Lets the spells pass over the proxy, which is fair again afterwards. Says how many connections were cut. */
export async function weather(proxy: Proxy, spells: readonly Spell[]): Promise<number> {
  let cuts = 0;
  for (const { mode, cut, ms } of spells) {
    if (cut || mode.type === "refuse") cuts += proxy.connections;
    if (cut) proxy.cut();
    proxy.become(mode);
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
  proxy.become({ type: "pass" });
  return cuts;
}

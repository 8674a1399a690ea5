// A folder for a spool, and readings to fill it.

import type { Spool } from "../../agent/spool.ts";
import { readingNumber } from "./readings.ts";

/** The run that a test is about. */
export const boot = "boot0002";

/** Gone with its scope. */
export function folder() {
  const path = Deno.makeTempDirSync({ prefix: "lightline-spool-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** Appends the readings from the `from`-th to the `to`-th. */
export function fill(spool: Spool, from: number, to: number): void {
  for (let i = from; i <= to; i++) spool.append(readingNumber(i));
}

// What the status page knows, in a form that travels to its island: with the page, and again when that asks.

import type { Fault } from "../lib/protocol/mod.ts";

/** One part of the system. */
export interface PartStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly words: string;
}

/** One agent that said hello since the relay started. */
export interface StationStatus {
  readonly station: string;
  readonly state: "online" | "offline";
  /** When it came or went, Unix milliseconds; null where only the news of it came. */
  readonly sinceMs: number | null;
  readonly identity: string | null;
  readonly modules: readonly number[];
  /** From a reading's time to its storing, milliseconds. */
  readonly lagMs: number | null;
}

/** One module. */
export interface ModuleStatus {
  readonly module: number;
  readonly station: string | null;
  readonly cursor: string | null;
  /** Unix seconds; null while there is no reading. */
  readonly newestS: number | null;
  readonly fault: Fault | null;
}

/** Everything on the status page. */
export interface Status {
  readonly renderedAtMs: number;
  readonly startedMs: number;
  readonly activeStreams: number;
  readonly parts: readonly PartStatus[];
  readonly stations: readonly StationStatus[];
  readonly modules: readonly ModuleStatus[];
}

/** Asks the relay's server for it; null: there was no such answer. */
export async function askStatus(signal: AbortSignal | null = null): Promise<Status | null> {
  try {
    const answer = await fetch("/status.json", { cache: "no-store", signal });
    // the server's own answer; whoever must log in gets a page instead, which is no JSON
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

// What routes and middleware share: the state of a request, and Fresh's typed helpers for it.

import { createDefine } from "fresh";
import type { Relay } from "./lib/relay/mod.ts";

/** What main.ts hands to every route. */
export interface State {
  /** Where the readings are. */
  relay: Relay;
  /** The page's title; the site's name alone while a route sets none. */
  title?: string;
}

/** The modules that have a page, by number. */
export function modulesOf({ relay }: State): readonly number[] {
  return relay.modules().map(({ module }) => module);
}

/** Fresh's `define`, knowing {@linkcode State}. */
export const define = createDefine<State>();

// What the status page shows, for the page itself and for its island where no news come.

import type { Status } from "../../components/status.ts";
import type { Relay } from "../../lib/relay/mod.ts";

/** How every part of the system is now. */
export function statusOf(relay: Relay): Status {
  return {
    renderedAtMs: Date.now(),
    startedMs: relay.startedMs,
    activeStreams: relay.activeStreams(),
    parts: relay.parts(),
    stations: relay.agents().map(({ station, state, sinceMs, identity, modules, lagMs }) => ({
      ...{ station, state, sinceMs, identity, modules, lagMs },
    })),
    modules: relay.modules().map(({ module, station, cursor, newest, fault }) => ({
      ...{ module, station, cursor, fault },
      newestS: newest?.timestamp ?? null,
    })),
  };
}

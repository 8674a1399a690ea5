// The feeds of a page: one for each module, whichever of its islands asks first; and what a person wants to know of them all.

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { createFeed, type Feed, type FeedOptions } from "./feed.ts";
import { rememberedPolicy, rememberTransport, sessionMemory } from "./memory.ts";
import { sharedSocket } from "./tabs.ts";

const feeds = signal<ReadonlyMap<number, Feed>>(new Map());

/** The page's feed of a module: made and connected by the first call; later calls get the same one. */
export function pageFeed(options: FeedOptions): Feed {
  const known = feeds.peek().get(options.module);
  if (known) return known;
  const memory = sessionMemory();
  const feed = createFeed({ ...options, share: sharedSocket, policy: rememberedPolicy(memory) });
  rememberTransport(feed.socket, memory);
  feed.socket.connect();
  feeds.value = new Map(feeds.peek()).set(options.module, feed);
  return feed;
}

/** How a page gets its readings, as its badge says it. */
export interface Connection {
  /** The worst of the page's streams. */
  readonly state: "Live" | "Connecting" | "Reconnecting" | "Polling" | "Disconnected";
  /** The attempt that is waited for, or under way. */
  readonly attempt: number;
  /** When the next attempt begins (ms, see `Socket.now`); null: none is waited for. */
  readonly nextRetryAt: number | null;
  /** The last failure in words: of the relay, or of this browser's network where that is not `online`. */
  readonly lastError: string | null;
  /** The browser believes that it has a network. */
  readonly online: boolean;
  /** Since when there is a connection; where there is none, since when nothing was heard (ms, see `Socket.now`). */
  readonly since: number;
  /** Nobody tries any more, because the relay wants a token that is good. */
  readonly loggedOut: boolean;
}

/** The page's connection: that of the first feed that is not live; null while the page has no feed. */
export const pageConnection: ReadonlySignal<Connection | null> = computed(() => {
  const all = [...feeds.value.values()].map(connectionOf);
  return all.find(({ state }) => state !== "Live") ?? all[0] ?? null;
});

/** Tries at once to connect whatever is not: the retry button. */
export function reconnectPage(): void {
  for (const { socket } of feeds.peek().values()) {
    if (socket.state.peek() !== "connected") socket.reconnect();
  }
}

function connectionOf({ socket }: Feed): Connection {
  return {
    state: stateOf(socket),
    attempt: socket.attempt.value,
    nextRetryAt: socket.nextRetryAt.value,
    lastError: socket.lastError.value,
    online: socket.online.value,
    since: socket.since.value,
    loggedOut: socket.why.value === "unauthenticated",
  };
}

function stateOf({ state, polling }: Feed["socket"]): Connection["state"] {
  if (state.value === "connected") return "Live";
  if (polling.value) return "Polling";
  if (state.value === "reconnecting") return "Reconnecting";
  return state.value === "disconnected" ? "Disconnected" : "Connecting";
}

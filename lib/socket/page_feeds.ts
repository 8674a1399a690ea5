// The feeds of a page: one for each module, whichever of its islands asks first.

import { type ReadonlySignal, signal } from "@preact/signals-core";
import { createFeed, type Feed, type FeedOptions } from "./feed.ts";

const feeds = signal<readonly (readonly [module: number, feed: Feed])[]>([]);

/** Every feed of this page, in the order of their making. */
export const pageFeeds: ReadonlySignal<readonly (readonly [module: number, feed: Feed])[]> = feeds;

/** The page's feed of a module: made and connected by the first call; later calls get the same one. */
export function pageFeed(options: FeedOptions): Feed {
  const known = feeds.peek().find(([module]) => module === options.module);
  if (known) return known[1];
  const feed = createFeed(options);
  feed.socket.connect();
  feeds.value = [...feeds.peek(), [options.module, feed]];
  return feed;
}

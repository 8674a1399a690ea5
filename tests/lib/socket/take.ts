// What a feed makes of messages: they come over a real socket, and the feed is looked at when it has heard them all.

import { createFeed, type Feed, type FeedOptions } from "../../../lib/socket/mod.ts";
import { Bench } from "./bench.ts";
import { epoch } from "./readings.ts";
import { serve } from "./server.ts";

/** The feed of module 4 that stood at 10 and heard `messages` (texts as they are), and the cursors of each batch that it delivered. */
export async function take(
  messages: readonly unknown[],
  options: Partial<FeedOptions> = {},
): Promise<{ readonly feed: Feed; readonly batches: readonly (readonly string[])[] }> {
  await using server = serve({
    onOpen(socket) {
      for (const message of [...messages, { type: "heartbeat", active_streams: 1 }]) {
        socket.send(typeof message === "string" ? message : JSON.stringify(message));
      }
    },
  });
  const bench = new Bench();
  const batches: string[][] = [];
  const feed = createFeed({
    module: 4,
    base: server.base,
    since: `${epoch}-10`,
    ...bench.options,
    ...options,
  });
  feed.onReadings((batch) => batches.push(batch.map(({ cursor }) => cursor.replace(`${epoch}-`, ""))));
  feed.socket.connect();
  await bench.events("heard", messages.length + 1);
  feed.socket.disconnect();
  return { feed, batches };
}

/** A `replay` frame of module 4. */
export function replay(list: readonly unknown[], missing?: unknown): unknown {
  return { type: "replay", module: 4, readings: list, complete: !missing, missing };
}

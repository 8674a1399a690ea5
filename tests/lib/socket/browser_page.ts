// What the browser test's pages run: a feed, with or without a socket shared between tabs, and its story on `globalThis`.

import { createFeed, sharedSocket } from "../../../lib/socket/mod.ts";

const query = new URLSearchParams(location.search);
const events: string[] = [];
const seen: string[] = [];

const feed = createFeed({
  module: 4,
  since: query.get("since"),
  record: ({ type }) => events.push(type),
  ...query.has("shared") && { share: sharedSocket },
});
feed.onReadings((batch) => seen.push(...batch.map(({ cursor }) => cursor)));
feed.socket.connect();

Object.assign(globalThis, {
  story: () => ({ events, seen, state: feed.socket.state.value, why: feed.socket.why.value }),
});

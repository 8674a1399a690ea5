// What a session remembers of its transport.

import assert from "node:assert/strict";
import { createFeed, rememberedPolicy, rememberTransport } from "../../../lib/socket/mod.ts";
import { Bench } from "./bench.ts";
import { startRelay } from "./relay.ts";
import { until } from "./until.ts";

function aSession() {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  };
}

Deno.test("where sockets are refused the next page of the session polls at once; once one opens, it waits for it again", async () => {
  const session = aSession();
  let refused = true;
  await using relay = startRelay(3, { refuses: () => refused });
  const visit = (bench: Bench) => {
    const feed = createFeed({
      module: 4,
      base: relay.server.base,
      policy: rememberedPolicy(session),
      ...bench.options,
    });
    rememberTransport(feed.socket, session);
    feed.socket.connect();
    return { feed, leave: () => feed.socket.disconnect() };
  };
  assert.deepEqual(rememberedPolicy(session), {});
  const first = new Bench();
  const page = visit(first);
  first.advance(1_000);
  await until(page.feed.socket.polling, (polling) => polling);
  page.leave();
  const second = new Bench();
  const next = visit(second);
  second.advance(0);
  await until(next.feed.socket.polling, (polling) => polling);
  refused = false;
  next.feed.socket.reconnect();
  await until(next.feed.socket.state, (state) => state === "connected");
  next.leave();
  assert.deepEqual(rememberedPolicy(session), {});
});

// The feed over a real server: sockets and polls behind one cursor.

import assert from "node:assert/strict";
import type { Data } from "../../../lib/protocol/mod.ts";
import { createFeed } from "../../../lib/socket/mod.ts";
import { epoch, reading, readings, sequence } from "./readings.ts";
import { serve } from "./server.ts";
import { until } from "./until.ts";

const quick = { initialReconnectDelayMs: 20, maxReconnectDelayMs: 40 };

Deno.test("a feed asks for its module, interval and cursor, and delivers replay and live readings in order, each once", async () => {
  await using server = serve({
    onOpen(socket) {
      socket.send(JSON.stringify({ type: "replay", module: 4, readings: readings(11, 14), complete: true }));
      for (const seq of [14, 15, 16]) socket.send(JSON.stringify(reading(seq)));
    },
  });
  const feed = createFeed({ module: 4, intervalSeconds: 0.5, since: `${epoch}-10`, base: server.base });
  const seen: Data[] = [];
  feed.onReadings((batch) => seen.push(...batch));
  feed.socket.connect();
  await until(feed.latest, (latest) => latest?.cursor === `${epoch}-16`);
  assert.deepEqual(sequence(seen), [11, 12, 13, 14, 15, 16]);
  assert.equal(server.requests[0]?.pathname, "/api/v1/ws/v2/power");
  assert.deepEqual(Object.fromEntries(server.requests[0]?.searchParams ?? []), {
    module: "4",
    interval: "0.5",
    since: `${epoch}-10`,
  });
  assert.deepEqual(feed.counters.peek(), {
    received: 6,
    replayed: 4,
    polled: 0,
    folded: 0,
    duplicates: 1,
    missing: 0,
    malformed: 0,
  });
  feed.socket.disconnect();
});

Deno.test("after a cut the feed comes back with the cursor of the reading last seen", async () => {
  await using server = serve({
    onOpen(socket, url) {
      const since = Number(url.searchParams.get("since")?.split("-")[1] ?? 0);
      socket.send(JSON.stringify(reading(since + 1)));
      if (since < 3) socket.close(1011);
    },
  });
  const feed = createFeed({ module: 4, base: server.base, policy: quick });
  feed.socket.connect();
  await until(feed.latest, (latest) => latest?.cursor === `${epoch}-4`);
  assert.deepEqual(server.requests.map((url) => url.searchParams.get("since")), [
    null,
    `${epoch}-1`,
    `${epoch}-2`,
    `${epoch}-3`,
  ]);
  feed.socket.disconnect();
});

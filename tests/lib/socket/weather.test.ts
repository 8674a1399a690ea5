// Through a proxy that cuts, delays, throttles and blackholes on a seeded schedule, the receipt ends at 0 missing, 0 twice.

import assert from "node:assert/strict";
import type { Data } from "../../../lib/protocol/mod.ts";
import { createFeed, receiptOf } from "../../../lib/socket/mod.ts";
import { startProxy } from "../../support/proxy.ts";
import { forecast, seeded, weather } from "../../support/weather.ts";
import { epoch, readings, sequence } from "./readings.ts";
import { startRelay } from "./relay.ts";
import { until } from "./until.ts";

for (const seed of [1, 2, 3]) {
  Deno.test(`bad weather, seed ${seed}: every reading arrives, in order, once`, async () => {
    const random = seeded(seed);
    await using relay = startRelay(0);
    await using proxy = startProxy(Number(new URL(relay.server.base).port));
    const seen: Data[] = [];
    const feed = createFeed({
      module: 4,
      since: `${epoch}-0`,
      intervalSeconds: 0.05,
      base: `http://127.0.0.1:${proxy.port}`,
      random,
      policy: {
        initialReconnectDelayMs: 20,
        maxReconnectDelayMs: 100,
        heartbeatIntervalMs: 100,
        heartbeatTimeoutMs: 150,
        maxReconnectAttempts: Infinity,
      },
    });
    feed.onReadings((batch) => seen.push(...batch));
    feed.socket.connect();
    const publishing = setInterval(() => relay.publish(), 10);
    const cuts = await weather(proxy, forecast(random, 2_400, 120));
    clearInterval(publishing);
    proxy.cut();
    await until(feed.latest, (latest) => latest?.cursor === `${epoch}-${relay.seq}`);
    feed.socket.disconnect();
    assert.deepEqual(sequence(seen), sequence(readings(1, relay.seq)));
    const { arrived, expected, missing } = receiptOf(feed.counters.value);
    assert.deepEqual([arrived, expected, missing], [relay.seq, relay.seq, 0]);
    assert.ok(
      cuts > 3 && feed.socket.opened.value > 3,
      `${cuts} cuts, opened ${feed.socket.opened.value} times`,
    );
  });
}

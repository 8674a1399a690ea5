// The feed without a socket: the same readings by polls, behind the same cursor.

import assert from "node:assert/strict";
import type { Data } from "../../../lib/protocol/mod.ts";
import { createFeed } from "../../../lib/socket/mod.ts";
import { Bench } from "./bench.ts";
import { page, sinceOf } from "./fetches.ts";
import { epoch, reading, readings, sequence } from "./readings.ts";
import { serve } from "./server.ts";
import { until } from "./until.ts";

Deno.test("sockets refused, plain HTTP allowed: the feed goes on by polling, says so, and loses nothing; the socket back, polling ends", async () => {
  let refused = true;
  let through = 20;
  await using server = serve({
    refuses: () => refused,
    answer: (request) => page(readings(sinceOf(new URL(request.url)) + 1, through += 5)),
    onOpen(socket, url) {
      const since = sinceOf(url);
      socket.send(
        JSON.stringify({
          type: "replay",
          module: 4,
          readings: readings(since + 1, since + 3),
          complete: true,
        }),
      );
    },
  });
  const bench = new Bench();
  const feed = createFeed({ module: 4, since: `${epoch}-20`, base: server.base, ...bench.options });
  const seen: Data[] = [];
  feed.onReadings((batch) => seen.push(...batch));
  feed.socket.connect();
  await until(feed.socket.state, (state) => state === "reconnecting");
  bench.advance(1_000);
  await until(feed.socket.polling, (polling) => polling);
  assert.deepEqual(sequence(seen), [21, 22, 23, 24, 25]);
  bench.advance(1_000);
  await until(feed.latest, (latest) => latest?.cursor === `${epoch}-30`);
  assert.equal(server.requests.at(-1)?.searchParams.get("wait"), "20");
  refused = false;
  feed.socket.reconnect();
  await until(
    feed.latest,
    (latest) => Number(latest?.cursor.split("-")[1]) > 30 && feed.counters.value.replayed === 3,
  );
  const polls = server.requests.filter(({ pathname }) => pathname === "/api/v1/readings").length;
  assert.deepEqual([feed.socket.state.value, feed.socket.polling.value], ["connected", false]);
  bench.advance(20_000);
  assert.equal(server.requests.filter(({ pathname }) => pathname === "/api/v1/readings").length, polls);
  const last = sequence(seen).at(-1) ?? 0;
  assert.deepEqual(sequence(seen), sequence(readings(21, last)));
  feed.socket.disconnect();
});

Deno.test("no socket at all: polls only, and no error is thrown", async () => {
  await using server = serve({ answer: () => page(readings(1, 3)) });
  const bench = new Bench();
  const feed = createFeed({ module: 4, base: server.base, enabled: false, ...bench.options });
  feed.socket.connect();
  await until(feed.socket.why, (why) => why === "unsupported");
  bench.advance(1_000);
  await until(feed.socket.polling, (polling) => polling);
  assert.deepEqual([feed.latest.value?.cursor, server.requests.length], [`${epoch}-3`, 1]);
  feed.socket.disconnect();
});

Deno.test("a full page is followed by the next at once", async () => {
  await using server = serve({
    answer(request) {
      const since = sinceOf(new URL(request.url));
      return page(readings(since + 1, Math.min(2_345, since + 1_000)));
    },
  });
  const bench = new Bench();
  const feed = createFeed({ module: 4, base: server.base, enabled: false, ...bench.options });
  const seen: Data[] = [];
  feed.onReadings((batch) => seen.push(...batch));
  feed.socket.connect();
  bench.advance(1_000);
  await until(feed.latest, (latest) => latest?.cursor === `${epoch}-2345`);
  assert.deepEqual(sequence(seen), sequence(readings(1, 2_345)));
  assert.equal(server.requests.length, 3);
  feed.socket.disconnect();
});

Deno.test("polls that fail are unanswered: an error status, an answer that is no JSON, one that is no page", async () => {
  const answers = [
    new Response("down", { status: 503 }),
    new Response("<html>"),
    Response.json([]),
    Response.json("?"),
    page([reading(1)]),
  ];
  await using server = serve({ answer: () => answers.shift() ?? page([]) });
  const bench = new Bench();
  const feed = createFeed({ module: 4, base: server.base, enabled: false, ...bench.options });
  feed.socket.connect();
  for (let n = 1; n <= 5; n++) {
    bench.advance(2_000);
    await server.until(({ requests }) => requests.length === n);
    await bench.events("polled", n);
    assert.equal(feed.socket.polling.value, n === 5, `after answer ${n}`);
  }
  feed.socket.disconnect();
});

Deno.test("a poll under way when the feed ends is abandoned", async () => {
  const hang = Promise.withResolvers<Response>();
  await using server = serve({ answer: () => hang.promise });
  const bench = new Bench();
  const feed = createFeed({ module: 4, base: server.base, enabled: false, ...bench.options });
  feed.socket.connect();
  bench.advance(1_000);
  await server.until(({ requests }) => requests.length === 1);
  feed.socket.disconnect();
  hang.resolve(page([reading(1)]));
  assert.equal(feed.latest.value, null);
});

// One socket for all tabs: several tabs in one process, over real locks and channels, and a real relay.

import assert from "node:assert/strict";
import type { Data } from "../../../lib/protocol/mod.ts";
import { createFeed, type FeedOptions, type Page, sharedSocket } from "../../../lib/socket/mod.ts";
import { page } from "./fetches.ts";
import { epoch, readings, sequence } from "./readings.ts";
import { startRelay, type TestRelay } from "./relay.ts";
import { until } from "./until.ts";

let names = 0;
function aName(): string {
  return `tabs-test-${++names}`;
}

const lockOf = (name: string) => `${name} lightline power/4 0.1`;

function openTab(
  relay: TestRelay,
  name: string,
  since: number,
  options: Partial<FeedOptions> = {},
) {
  const seen: Data[] = [];
  const feed = createFeed({
    module: 4,
    base: relay.server.base,
    since: `${epoch}-${since}`,
    share: (stream) => sharedSocket({ ...stream, name: `${name} ${stream.name}` }),
    policy: { initialReconnectDelayMs: 20, maxReconnectDelayMs: 40 },
    ...options,
  });
  feed.onReadings((batch) => seen.push(...batch));
  feed.socket.connect();
  return {
    feed,
    reaches: (seq: number) => until(feed.latest, (latest) => latest?.cursor === `${epoch}-${seq}`),
    seen: () => sequence(seen),
    duplicates: () => feed.counters.peek().duplicates,
    close: () => feed.socket.disconnect(),
  };
}

Deno.test("three tabs, one socket: each gets everything after its own cursor, in order, once", async () => {
  await using relay = startRelay(10);
  const name = aName();
  const first = openTab(relay, name, 5);
  await first.reaches(10);
  const others = [openTab(relay, name, 8), openTab(relay, name, 0)];
  const tabs = [first, ...others];
  for (const tab of others) await until(tab.feed.socket.state, (state) => state === "connected");
  for (let n = 0; n < 5; n++) relay.publish();
  for (const tab of tabs) await tab.reaches(15);
  assert.equal(relay.upgrades, 1);
  assert.deepEqual(tabs.map((tab) => tab.seen()), [
    sequence(readings(6, 15)),
    sequence(readings(9, 15)),
    sequence(readings(1, 15)),
  ]);
  for (const tab of tabs) tab.close();
});

Deno.test("the leader's end is taken over in under a second, and no sequence number is lost or comes twice", async () => {
  await using relay = startRelay(3);
  const name = aName();
  const leader = openTab(relay, name, 0);
  await leader.reaches(3);
  const others = [openTab(relay, name, 3), openTab(relay, name, 3)];
  for (const tab of others) await until(tab.feed.socket.state, (state) => state === "connected");
  relay.publish();
  for (const tab of others) await tab.reaches(4);
  const start = performance.now();
  leader.close();
  relay.publish();
  relay.publish();
  for (const tab of others) await tab.reaches(6);
  assert.ok(performance.now() - start < 1_000, `${performance.now() - start} ms`);
  for (const tab of others) await until(tab.feed.socket.state, (state) => state === "connected");
  relay.publish();
  for (const tab of others) await tab.reaches(7);
  assert.deepEqual(others.map((tab) => tab.seen()), [[4, 5, 6, 7], [4, 5, 6, 7]]);
  assert.deepEqual(others.map((tab) => tab.duplicates()), [0, 0]);
  assert.deepEqual([relay.upgrades, relay.server.sockets.size], [2, 1]);
  for (const tab of others) tab.close();
});

Deno.test("a relay that cuts the leader: all tabs come back to one socket, and miss nothing", async () => {
  await using relay = startRelay(1);
  const name = aName();
  const tabs = [openTab(relay, name, 0), openTab(relay, name, 0), openTab(relay, name, 0)];
  for (const tab of tabs) await tab.reaches(1);
  for (let n = 0; n < 3; n++) {
    relay.cut();
    relay.publish();
    for (const tab of tabs) await tab.reaches(relay.seq);
    for (const tab of tabs) await until(tab.feed.socket.state, (state) => state === "connected");
  }
  assert.deepEqual(tabs.map((tab) => tab.seen()), [[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]]);
  assert.equal(relay.server.sockets.size, 1);
  for (const tab of tabs) tab.close();
});

Deno.test("a leader that is frozen does not answer: its lock is taken in under a second", async () => {
  await using relay = startRelay(2);
  const name = aName();
  const frozen = Promise.withResolvers<void>();
  const held = navigator.locks.request(lockOf(name), () => frozen.promise).catch(() => "stolen");
  const start = performance.now();
  const tab = openTab(relay, name, 0);
  await tab.reaches(2);
  assert.ok(performance.now() - start < 1_000, `${performance.now() - start} ms`);
  assert.equal(await held, "stolen");
  tab.close();
});

Deno.test("a tab whose lock is taken lets go of its socket, and follows the tab that took it", async () => {
  await using relay = startRelay(2);
  const name = aName();
  const tab = openTab(relay, name, 0);
  await tab.reaches(2);
  const over = Promise.withResolvers<void>();
  const thief = navigator.locks.request(lockOf(name), { steal: true }, () => over.promise);
  await until(tab.feed.socket.state, (state) => state === "reconnecting");
  await relay.server.until(({ sockets }) => sockets.size === 0);
  over.resolve();
  await thief;
  await until(tab.feed.socket.state, (state) => state === "connected");
  tab.close();
});

Deno.test("a follower's ping goes out on the one socket, and its pong comes back", async () => {
  await using relay = startRelay(1);
  const name = aName();
  const leader = openTab(relay, name, 0);
  await leader.reaches(1);
  const follower = openTab(relay, name, 0);
  await until(follower.feed.socket.state, (state) => state === "connected");
  await until(follower.feed.socket.roundTripMs, (roundTripMs) => roundTripMs !== null);
  assert.equal(relay.upgrades, 1);
  leader.close();
  follower.close();
});

Deno.test("streams of another interval have sockets of their own", async () => {
  await using relay = startRelay(1);
  const name = aName();
  const tabs = [openTab(relay, name, 0), openTab(relay, name, 0, { intervalSeconds: 1 })];
  for (const tab of tabs) await tab.reaches(1);
  assert.equal(relay.upgrades, 2);
  for (const tab of tabs) tab.close();
});

Deno.test("frames that come while a tab fetches what it missed wait for it, and nothing is lost between", async () => {
  const slow = Promise.withResolvers<void>();
  let polled = false;
  await using relay = startRelay(5, {
    async answer() {
      polled = true;
      await slow.promise;
      return page(readings(3, 5));
    },
  });
  const name = aName();
  const leader = openTab(relay, name, 0);
  await leader.reaches(5);
  const late = openTab(relay, name, 2);
  await relay.server.until(() => polled);
  relay.publish();
  relay.publish();
  await leader.reaches(7);
  slow.resolve();
  await late.reaches(7);
  assert.deepEqual(late.seen(), [3, 4, 5, 6, 7]);
  leader.close();
  late.close();
});

for (const missing of [[navigator, "locks"], [globalThis, "BroadcastChannel"]] as const) {
  Deno.test(`without ${missing[1]} each tab opens its own socket`, async () => {
    const [owner, name] = missing;
    const known = Object.getOwnPropertyDescriptor(owner, name);
    Object.defineProperty(owner, name, { value: undefined, configurable: true });
    try {
      await using relay = startRelay(2);
      const tabs = [openTab(relay, aName(), 0), openTab(relay, aName(), 0)];
      for (const tab of tabs) await tab.reaches(2);
      assert.equal(relay.upgrades, 2);
      for (const tab of tabs) tab.close();
    } finally {
      if (known) Object.defineProperty(owner, name, known);
      else Reflect.deleteProperty(owner, name);
    }
  });
}

Deno.test("a page that is left, for the back-forward cache maybe, holds no lock and no channel; coming back it queues again", async () => {
  await using relay = startRelay(1);
  const name = aName();
  let tell: Parameters<Page>[0] = () => {};
  const tab = openTab(relay, name, 0, {
    page(to) {
      tell = to;
      return () => {};
    },
  });
  await tab.reaches(1);
  const holders = async () =>
    (await navigator.locks.query()).held?.filter((lock) => lock.name === lockOf(name)).length;
  assert.equal(await holders(), 1);
  tell("pagehide");
  await relay.server.until(({ sockets }) => sockets.size === 0);
  assert.equal(await holders(), 0);
  relay.publish();
  tell("pageshow");
  await tab.reaches(2);
  assert.equal(await holders(), 1);
  tab.close();
});

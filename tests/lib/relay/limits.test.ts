import assert from "node:assert/strict";
import { problem, readingsPage } from "../../../lib/protocol/mod.ts";
import { clientAddress, Proxies } from "../../../lib/relay/access/address.ts";
import { rawSocket } from "./raw.ts";
import { ScriptedAgent, serveRelay, view } from "./support.ts";
import { readingAt } from "../../support/reading.ts";
import { until } from "../../support/until.ts";

Deno.test("a message over the limit closes its socket with 1009", async () => {
  await using served = await serveRelay();
  await using viewer = view(served.host, "power");
  await viewer.opened;
  viewer.send({ type: "ping", timestamp: "x".repeat(16 * 1024) });
  assert.equal((await viewer.end()).code, 1009);
});

Deno.test("the limit counts bytes: letters that take two of them count twice", async () => {
  await using served = await serveRelay();
  await using within = view(served.host, "health");
  await using over = view(served.host, "health");
  await Promise.all([within.opened, over.opened]);
  within.send("é".repeat(8192));
  assert.equal((await within.next("error")).code, "bad_message");
  over.send("é".repeat(8192) + "x");
  assert.equal((await over.end()).code, 1009);
});

Deno.test("too many messages bring rate_limited, then 1008", async () => {
  await using served = await serveRelay();
  await using viewer = view(served.host, "health");
  await viewer.opened;
  for (let i = 0; i < 51; i++) viewer.send("ping");
  assert.equal((await viewer.end()).code, 1008);
  assert.equal(viewer.of("pong").length, 50);
  assert.deepEqual(viewer.of("error").map(({ code, recoverable }) => [code, recoverable]), [[
    "rate_limited",
    false,
  ]]);
});

Deno.test("a new window of time allows messages again", async () => {
  let now = 1_000;
  await using served = await serveRelay({ now: () => now });
  await using viewer = view(served.host, "health");
  await viewer.opened;
  for (let i = 0; i < 50; i++) viewer.send("ping");
  await viewer.next("pong", 50);
  now += 10_000;
  viewer.send("ping");
  await viewer.next("pong", 51);
});

Deno.test("no stretch of 10 s has more than 50 messages, wherever it begins", async () => {
  let now = 100_000;
  await using served = await serveRelay({ now: () => now });
  await using viewer = view(served.host, "health");
  await viewer.opened;
  viewer.send("ping");
  await viewer.next("pong");
  now += 9_900;
  for (let i = 0; i < 49; i++) viewer.send("ping");
  await viewer.next("pong", 50);
  now += 200;
  for (let i = 0; i < 2; i++) viewer.send("ping");
  assert.equal((await viewer.end()).code, 1008);
  assert.equal(viewer.of("pong").length, 51);
});

Deno.test("one address may open so many sockets and no more, until one of them ends", async () => {
  await using served = await serveRelay({ limits: { maxPerAddress: 2 } });
  await using first = view(served.host, "power");
  await using second = view(served.host, "health");
  await Promise.all([first.opened, second.opened]);
  await using third = view(served.host, "power");
  assert.equal(await third.opened, false);
  const refused = await fetch(`http://${served.host}/api/v1/ws/v2/power`, {
    headers: { upgrade: "websocket", connection: "Upgrade" },
  });
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get("retry-after"), "10");
  await refused.body?.cancel();
  await first[Symbol.asyncDispose]();
  await until("a free place", async () => {
    await using another = view(served.host, "power");
    return await another.opened;
  });
});

Deno.test("the relay has so many viewers and no more, whatever their addresses, until one of them ends; agents do not count", async () => {
  await using served = await serveRelay({ trustProxy: ["127.0.0.1"], limits: { maxViewers: 2 } });
  await using agent = await ScriptedAgent.start(served.host);
  const from = (address: string) => ({ "x-forwarded-for": address });
  await using first = view(served.host, "power", from("10.0.0.1"));
  await using second = view(served.host, "health", from("10.0.0.2"));
  assert.deepEqual(await Promise.all([first.opened, second.opened]), [true, true]);
  const refused = await fetch(`http://${served.host}/api/v1/ws/v2/power`, {
    headers: { upgrade: "websocket", connection: "Upgrade", ...from("10.0.0.3") },
  });
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get("retry-after"), "10");
  assert.match(problem.parse(await refused.json()).detail ?? "", /^The relay has as many viewers/);
  await using other = await ScriptedAgent.start(served.host, "boot0002", "bench-2");
  await first[Symbol.asyncDispose]();
  await until("a free place", async () => {
    await using another = view(served.host, "power", from("10.0.0.3"));
    return await another.opened;
  });
  assert.deepEqual([agent.closed, second.closed, other.closed], [null, null, null]);
});

Deno.test("a failing handler closes its own socket with 1011, and no other", async () => {
  let fails = false;
  const now = () => {
    if (!fails) return Date.now();
    fails = false;
    throw new Error("the clock stands still");
  };
  await using served = await serveRelay({ now, limits: { faultRepeatMs: 600_000, heartbeatMs: 600_000 } });
  await using viewer = view(served.host, "health");
  await using other = view(served.host, "health");
  await Promise.all([viewer.next("heartbeat"), other.next("heartbeat")]);
  await until("1011", () => {
    if (viewer.closed) return true;
    fails = true;
    viewer.send("ping");
    return false;
  });
  fails = false;
  assert.equal((await viewer.end()).code, 1011);
  other.send("ping");
  await other.next("pong");
  assert.ok(served.log.lines.some(({ message }) => message === "a socket's handler failed"));
});

Deno.test("a socket that was closed for not reading keeps its place until the other end lets go", async () => {
  await using served = await serveRelay({ limits: { tooSlowMs: 100, faultRepeatMs: 50, maxPerAddress: 1 } });
  await using agent = await ScriptedAgent.start(served.host);
  const slow = await rawSocket(served.host, "/api/v1/ws/v2/power?interval=0.01");
  let sent = 0;
  await until("4008", async () => {
    for (let i = 0; i < 20; i++) agent.read(...Array.from({ length: 50 }, () => readingAt(1 + sent++ / 100)));
    await agent.acknowledged();
    return JSON.stringify(served.log.lines).includes("4008");
  }, { timeoutMs: 30_000, everyMs: 1 });
  const admitted = async () => {
    await using viewer = view(served.host, "health");
    return await viewer.opened;
  };
  assert.equal(await admitted(), false);
  slow.close();
  await until("its place", admitted);
});

Deno.test("behind a trusted proxy the forwarded address counts, from anybody else it does not", async () => {
  await using proxied = await serveRelay({ trustProxy: ["127.0.0.1"], limits: { maxPerAddress: 1 } });
  await using a = view(proxied.host, "power", { "x-forwarded-for": "spoofed, 10.0.0.1" });
  await using b = view(proxied.host, "power", { "x-forwarded-for": "10.0.0.2" });
  await using again = view(proxied.host, "power", { "x-forwarded-for": "other, 10.0.0.1" });
  assert.deepEqual(await Promise.all([a.opened, b.opened, again.opened]), [true, true, false]);
  await using direct = await serveRelay({ limits: { maxPerAddress: 1 } });
  await using c = view(direct.host, "power", { "x-forwarded-for": "10.0.0.1" });
  assert.equal(await c.opened, true);
  await using d = view(direct.host, "power", { "x-forwarded-for": "10.0.0.2" });
  assert.equal(await d.opened, false);
});

Deno.test("on drain everybody gets a slot of their own, then 1012, and requests are refused", async () => {
  await using served = await serveRelay();
  const viewers = Array.from({ length: 20 }, () => view(served.host, "power"));
  await Promise.all(viewers.map(({ opened }) => opened));
  const started = Date.now();
  assert.ok(!served.relay.owns("/"));
  await served.relay.drain("an update");
  assert.ok(served.relay.owns("/"), "a page could not be made any more");
  assert.ok(Date.now() - started < 1_000, "all sockets are closed within DRAIN_SECONDS");
  const ends = await Promise.all(viewers.map((viewer) => viewer.end()));
  assert.ok(ends.every(({ code }) => code === 1012));
  const slots = viewers.map((viewer) => viewer.of("reconnect")[0]?.retry_after);
  assert.equal(new Set(slots).size, 20);
  assert.equal(viewers[0]?.of("reconnect")[0]?.reason, "an update");
  const late = await fetch(`http://${served.host}/health`);
  assert.equal(late.status, 503);
  assert.equal(late.headers.get("retry-after"), "1");
  await late.body?.cancel();
});

Deno.test("a poll that is held when the relay drains is answered at once, with its cursor and no readings", async () => {
  await using served = await serveRelay();
  const agent = await ScriptedAgent.start(served.host);
  agent.read(readingAt(1));
  await agent.acknowledged();
  // Gone before the poll: its going would wake it, too.
  await agent[Symbol.asyncDispose]();
  await until("the agent's end", () => served.relay.modules()[0]?.fault);
  const cursor = served.relay.modules()[0]?.cursor;
  const path = `/api/v1/readings?module=4&wait=20&since=${cursor}`;
  let answered = false;
  const held = fetch(`http://${served.host}${path}`).finally(() => answered = true);
  await until("the poll", () => served.requested.includes(path));
  await using viewer = view(served.host, "health");
  await viewer.next("heartbeat");
  assert.equal(answered, false);
  const started = Date.now();
  await served.relay.drain("an update");
  const answer = await held;
  assert.ok(Date.now() - started < 10_000, `${Date.now() - started} ms`);
  assert.equal(answer.status, 200);
  const { fault: _, ...page } = readingsPage.parse(await answer.json());
  assert.deepEqual(page, { readings: [], cursor });
});

const proxies = new Proxies(["10.0.0.1", "::1", "::ffff:10.0.0.2", "172.16.0.0/12", "fd00::/8"]);
const forwarded: [peer: string, header: string, client: string][] = [
  ["192.0.2.1", "203.0.113.9", "192.0.2.1"],
  ["10.0.0.1", "", "10.0.0.1"],
  ["10.0.0.1", "203.0.113.9", "203.0.113.9"],
  ["::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"],
  ["10.0.0.1", "198.51.100.7, 203.0.113.9", "203.0.113.9"],
  ["10.0.0.1", "203.0.113.9, 10.0.0.1", "203.0.113.9"],
  ["10.0.0.1", "203.0.113.9:4711", "203.0.113.9"],
  ["10.0.0.1", "[2001:DB8::1]:4711", "2001:db8::1"],
  ["::1", "2001:0db8:0:0::1", "2001:db8::1"],
  ["10.0.0.1", "203.0.113.9, 0:0:0:0:0:0:0:1", "203.0.113.9"],
  ["10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"],
  ["10.0.0.1", "203.0.113.9, <script>", "10.0.0.1"],
  ["10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"],
  ["10.0.0.2", "203.0.113.9", "203.0.113.9"],
  ["172.31.255.254", "203.0.113.9, 172.16.0.1", "203.0.113.9"],
  ["::ffff:172.16.0.1", "203.0.113.9", "203.0.113.9"],
  ["172.32.0.1", "203.0.113.9", "172.32.0.1"],
  ["fd12::1", "203.0.113.9", "203.0.113.9"],
  ["fe80::1", "203.0.113.9", "fe80::1"],
];
for (const [peer, header, client] of forwarded) {
  Deno.test(`a request of ${peer} that was forwarded for "${header}" is ${client}'s`, () => {
    const address: Deno.NetAddr = { transport: "tcp", hostname: peer, port: 1 };
    assert.equal(clientAddress(new Headers({ "x-forwarded-for": header }), address, proxies), client);
  });
}

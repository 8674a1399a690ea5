// What viewers are told of an instrument: which lasers shine, and how its sweep goes.

import assert from "node:assert/strict";
import { z } from "zod";
import {
  type LaserState,
  readingsPage,
  relayMessage,
  type SweepProgress,
  sweepProgress,
} from "../../../lib/protocol/mod.ts";
import { lampWords } from "../../../lib/relay/instrument/lamp.ts";
import { until } from "../../support/until.ts";
import { Client, ScriptedAgent, serveRelay, view } from "./support.ts";

const idle = { state: "idle", wavelength_nm: null, percent: 0, started_at: null, eta_s: null } as const;
const laser = (on: boolean): LaserState => ({
  laser: 3,
  identity: "EXFO,T100S-HP,3,1.0",
  on,
  wavelength_nm: 1550,
  power: 0,
  unit: "dBm",
});

Deno.test("viewers of a power stream are told which lasers shine, on opening and at each change; polls say it, too", async () => {
  let atMs = 1_700_000_000_000;
  await using served = await serveRelay({ now: () => atMs });
  const polled = async () =>
    readingsPage.parse(await (await fetch(`http://${served.host}/api/v1/readings?module=4`)).json()).lasers;
  assert.equal(await polled(), undefined, "nobody knows yet");

  await using agent = await ScriptedAgent.start(served.host);
  const say = (on: boolean) =>
    agent.say({ type: "instrument", lasers: [laser(on)], activities: [], sweep: idle });
  await using early = view(served.host, "power?module=4");
  say(true);
  const words = "Laser 3 (1550.00 nm) is on";
  assert.deepEqual((await early.next("lasers")).data, { words });
  assert.deepEqual(await polled(), { words });
  await using late = view(served.host, "power?module=7&interval=1");
  assert.deepEqual((await late.next("lasers")).data, { words });

  // said again, it is no news; the next change is
  say(true);
  say(false);
  assert.deepEqual((await early.next("lasers", 2)).data, { words: "" });
  assert.deepEqual((await late.next("lasers", 2)).data, { words: "" });

  say(true);
  await early.next("lasers", 3);
  // an agent that says nothing more: a laser may well still be on, and nobody knows
  atMs += 60_000;
  assert.equal(
    (await early.next("lasers", 4)).data.words,
    "Laser 3 (1550.00 nm) was on when the instrument was last heard",
  );
});

Deno.test("a poll's tag changes with the lasers", async () => {
  await using served = await serveRelay();
  const tag = async () => {
    const answer = await fetch(`http://${served.host}/api/v1/readings?module=4`);
    await answer.body?.cancel();
    return answer.headers.get("etag");
  };
  const before = await tag();
  await using agent = await ScriptedAgent.start(served.host);
  agent.say({ type: "instrument", lasers: [laser(true)], activities: [], sweep: idle });
  await until("another tag", async () => await tag() !== before);
});

Deno.test("nobody says of a sweep that it runs whose agent has gone or says nothing more", async () => {
  let atMs = 1_700_000_000_000;
  await using served = await serveRelay({ now: () => atMs });
  const running: SweepProgress["data"] = {
    state: "running",
    wavelength_nm: 1550,
    percent: 41,
    started_at: "2023-11-14T22:13:20.000Z",
    eta_s: 3,
  };
  const unknown = { ...running, state: "unknown", eta_s: null };
  await using viewer = new Client(
    `ws://${served.host}/api/v1/ws/v2/sweep/progress`,
    z.union([sweepProgress, relayMessage]),
  );
  const told = async (count: number) => (await viewer.next("sweep_progress", count)).data;
  const status = async () =>
    await (await fetch(`http://${served.host}/api/v1/measurement/sweep/status?station=bench-1`)).json();
  assert.deepEqual(await told(1), idle);
  {
    await using agent = await ScriptedAgent.start(served.host);
    agent.say({ type: "instrument", lasers: [], activities: ["scanning"], sweep: running });
    assert.deepEqual(await told(2), running);
  }
  assert.deepEqual(await told(3), unknown);
  assert.deepEqual(await status(), {
    station: "bench-1",
    ...unknown,
    activities: null,
    lit: "The sweeping laser was on when the instrument was last heard",
  });
  const lamp = await (await fetch(`http://${served.host}/api/v1/rlaser?station=bench-1`)).json();
  assert.equal(lamp.sweeping, true, "its laser may still be on");

  await using agent = await ScriptedAgent.start(served.host);
  agent.say({ type: "instrument", lasers: [], activities: ["scanning"], sweep: running });
  assert.deepEqual(await told(4), running, "the sweep went on meanwhile");
  atMs += 60_000;
  assert.deepEqual(await told(5), unknown);
  const done = { ...running, state: "done", percent: 100, eta_s: null } as const;
  agent.say({ type: "instrument", lasers: [], activities: [], sweep: done });
  assert.deepEqual(await told(6), done);
});

Deno.test("lamp - says which lasers are on, or were when somebody last knew, and that a sweep is light as well", () => {
  const laser = (number: number, on: boolean) => (
    { laser: number, identity: "x", on, wavelength_nm: 1550, power: 0, unit: null }
  );
  const lasers = [laser(1, true), laser(2, false), laser(3, true)];
  const off = [laser(1, false)];
  const known = { current: true, sweeping: false };
  assert.equal(lampWords({ lasers: off, ...known }), "");
  assert.equal(lampWords({ lasers, ...known }), "Laser 1 (1550.00 nm) and laser 3 (1550.00 nm) are on");
  assert.equal(
    lampWords({ lasers: [laser(3, true)], current: false, sweeping: false }),
    "Laser 3 (1550.00 nm) was on when the instrument was last heard",
  );
  assert.equal(lampWords({ lasers: off, current: true, sweeping: true }), "The sweeping laser is on");
});

Deno.test("where there are several stations, the light of all is named with them, and a viewer of one's sweep hears of no other", async () => {
  await using served = await serveRelay();
  const sweepOf = (query: string) =>
    new Client(
      `ws://${served.host}/api/v1/ws/v2/sweep/progress${query}`,
      z.union([sweepProgress, relayMessage]),
    );
  const answer = async (path: string) => await (await fetch(`http://${served.host}/api/v1/${path}`)).json();
  await using one = await ScriptedAgent.start(served.host, "boot0001", "bench-1", [4]);
  await using two = await ScriptedAgent.start(served.host, "boot0002", "bench-2", [5]);
  one.say({ type: "instrument", lasers: [laser(false)], activities: [], sweep: idle });
  await using first = sweepOf("?station=bench-1");
  await using second = sweepOf("?station=bench-2");
  await using both = sweepOf("");
  for (const viewer of [first, second, both]) {
    assert.deepEqual((await viewer.next("sweep_progress")).data, idle);
  }
  const running = { ...idle, state: "running", percent: 40, eta_s: 3 } as const;
  two.say({ type: "instrument", lasers: [laser(true)], activities: ["scanning"], sweep: running });
  assert.deepEqual((await second.next("sweep_progress", 2)).data, running);
  assert.deepEqual((await both.next("sweep_progress", 2)).data, running);
  await using late = sweepOf("?station=bench-2");
  assert.deepEqual(
    (await late.next("sweep_progress")).data,
    running,
    "the state on opening is its own as well",
  );

  const words = "bench-2: The sweeping laser and laser 3 (1550.00 nm) are on";
  assert.equal((await answer("rlaser?station=bench-1")).lit, words);
  assert.equal((await answer("measurement/sweep/status?station=bench-1")).lit, words);
  one.say({ type: "instrument", lasers: [laser(true)], activities: [], sweep: { ...idle, percent: 1 } });
  await first.next("sweep_progress", 2);
  assert.equal(
    (await answer("rlaser?station=bench-2")).lit,
    `bench-1: Laser 3 (1550.00 nm) is on; ${words}`,
  );
  assert.deepEqual(first.of("sweep_progress").map(({ data }) => data.percent), [0, 1]);
});

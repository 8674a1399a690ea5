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
  assert.deepEqual(await status(), { station: "bench-1", ...unknown, activities: null });
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

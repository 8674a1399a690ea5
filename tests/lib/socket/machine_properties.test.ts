// What holds for the machine after any events whatever (fast-check): it never stalls, has one socket at most, leaves nothing behind.

import assert from "node:assert/strict";
import fc from "fast-check";
import { type Cause, type Effect, initialState, type State, step, wakeAt } from "../../../lib/socket/mod.ts";

const cause: fc.Arbitrary<Cause> = fc.oneof(
  fc.constantFrom<Cause>(
    { type: "connect" },
    { type: "disconnect" },
    { type: "reconnect" },
    { type: "opened" },
    { type: "unsupported" },
    { type: "tick" },
    { type: "visible" },
    { type: "hidden" },
    { type: "online" },
    { type: "offline" },
    { type: "pagehide" },
    { type: "pageshow" },
    { type: "polled", ok: true },
    { type: "polled", ok: false },
    { type: "polled", ok: null },
    { type: "heard", pong: false, retryAfterMs: null },
    { type: "heard", pong: true, retryAfterMs: null },
  ),
  fc.record({
    type: fc.constant("heard" as const),
    pong: fc.boolean(),
    retryAfterMs: fc.option(fc.integer({ min: 0, max: 100_000 })),
  }),
  fc.record({
    type: fc.constant("closed" as const),
    code: fc.constantFrom(1000, 1001, 1005, 1006, 1008, 1009, 1011, 1012, 1013, 4008, 4401, 4403, 4999),
    reason: fc.string(),
  }),
);

/** Events, each a while after the one before; a while is often as long as the machine wishes to sleep, and a little less or more. */
const history = fc.array(
  fc.record({
    cause,
    afterMs: fc.oneof(fc.integer({ min: 0, max: 70_000 }), fc.constant("wish" as const)),
    random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  }),
  { maxLength: 60 },
);

interface World {
  at: number;
  state: State;
  sockets: number;
  polls: number;
}

function begin(): World {
  return { at: 1, state: initialState, sockets: 0, polls: 0 };
}

/** One event, as a shell would bring it about: no socket opens, closes or speaks that is not there. */
function live(world: World, next: Cause, random: number): readonly Effect[] {
  const needsSocket = next.type === "opened" || next.type === "closed" || next.type === "heard" ||
    next.type === "unsupported";
  if (needsSocket && world.sockets === 0 || next.type === "polled" && world.polls === 0) return [];
  if (next.type === "closed") world.sockets--;
  if (next.type === "polled") world.polls--;
  const [state, effects] = step(world.state, { ...next, at: world.at, random });
  world.state = state;
  for (const effect of effects) {
    if (effect === "open") world.sockets++;
    if (effect === "close") world.sockets--;
    if (effect === "poll" || effect === "long_poll") world.polls++;
    if (effect === "abandon") world.polls--;
    if (effect === "ping") assert.equal(state.name, "connected");
    assert.ok(world.sockets >= 0 && world.sockets <= 1, `${world.sockets} sockets`);
    assert.ok(world.polls >= 0 && world.polls <= 1, `${world.polls} polls`);
  }
  return effects;
}

function play(events: readonly { cause: Cause; afterMs: number | "wish"; random: number }[]): World {
  const world = begin();
  for (const { cause, afterMs, random } of events) {
    const wish = wakeAt(world.state);
    world.at = afterMs === "wish" ? Math.max(world.at, Math.min(wish, world.at + 1e6)) : world.at + afterMs;
    live(world, cause, random);
  }
  return world;
}

Deno.test("never two sockets, never two polls, and every state has the socket that its name says", () => {
  fc.assert(
    fc.property(history, (events) => {
      const { state, sockets, polls } = play(events);
      const wants = state.name === "connected" || state.due.open !== undefined;
      assert.equal(sockets, wants ? 1 : 0);
      assert.equal(polls, state.due.answer === undefined ? 0 : 1);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("after `disconnect` no timer, socket or poll is left, and no page event brings one back", () => {
  fc.assert(
    fc.property(history, (events) => {
      const world = play(events);
      live(world, { type: "disconnect" }, 0);
      for (const type of ["tick", "visible", "online", "pagehide", "pageshow"] as const) {
        live(world, { type }, 0);
      }
      assert.deepEqual([wakeAt(world.state), world.sockets, world.polls], [Infinity, 0, 0]);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("it never stalls: from every state some event leads to `connected`", () => {
  fc.assert(
    fc.property(history, (events) => {
      const world = play(events);
      live(world, { type: "reconnect" }, 0);
      live(world, { type: "opened" }, 0);
      assert.equal(world.state.name, "connected");
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("while it waits for the next attempt, time alone leads to it", () => {
  fc.assert(
    fc.property(history, (events) => {
      const world = play(events);
      const waits = () => world.state.due.retry !== undefined;
      for (let n = 0; n < 100 && waits(); n++) {
        world.at = Math.max(world.at, wakeAt(world.state));
        live(world, { type: "tick" }, 0.5);
      }
      assert.ok(!waits(), "it waits for ever");
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("a tick never leaves behind something that is due: the shell cannot spin", () => {
  fc.assert(
    fc.property(history, (events) => {
      const world = play(events);
      live(world, { type: "tick" }, 0.5);
      live(world, { type: "tick" }, 0.5);
      assert.ok(wakeAt(world.state) > world.at, `still due at ${wakeAt(world.state)}, now ${world.at}`);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("a step changes nothing of the state that it was given", () => {
  fc.assert(fc.property(history, cause, (events, next) => {
    const { state, at } = play(events);
    const before = structuredClone(state);
    step(state, { ...next, at, random: 0.5 });
    assert.deepEqual(state, before);
  }));
});

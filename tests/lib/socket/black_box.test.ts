// The black box, and its player: the same events give the same states.

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Cause,
  createBlackBox,
  createSocket,
  defaultPolicy,
  initialState,
  play,
  type Recording,
  type State,
  step,
} from "../../../lib/socket/mod.ts";
import { serve } from "./server.ts";
import { until } from "./until.ts";

function copied(box: { toJSON(): Recording }): Recording {
  return JSON.parse(JSON.stringify(box));
}

/** As JSON tells it: without what is undefined. */
function told(state: State | undefined): unknown {
  return JSON.parse(JSON.stringify(state));
}

Deno.test("a recording of a real connection, copied as JSON, plays to the states that the connection had", async () => {
  await using server = serve({
    onOpen(socket, url) {
      for (const n of [1, 2, 3]) socket.send(`{"type":"n","n":${n}}`);
      if (url.pathname === "/1") socket.close(1011, "on purpose");
    },
  });
  const box = createBlackBox();
  const states: State[] = [];
  let attempts = 0;
  const socket = createSocket({
    url: () => `${server.ws}/${++attempts}`,
    policy: { initialReconnectDelayMs: 20 },
    record(event, state, policy) {
      states.push(state);
      box.record(event, state, policy);
    },
  });
  socket.connect();
  await until(socket.opened, (opened) => opened === 2);
  socket.disconnect();
  const recording = copied(box);
  const played = play(recording);
  assert.deepEqual(told(played.at(-1)), told(states.at(-1)));
  assert.deepEqual(recording.end, told(states.at(-1)));
  const names = (list: readonly State[]) =>
    list.map(({ name }) => name).filter((name, n, all) => name !== all[n - 1]);
  assert.deepEqual(names(played), names(states));
  assert.deepEqual(names(played), ["connecting", "connected", "reconnecting", "connected", "disconnected"]);
});

const cause: fc.Arbitrary<Cause> = fc.constantFrom<Cause>(
  { type: "connect" },
  { type: "opened" },
  { type: "heard", pong: false, retryAfterMs: null },
  { type: "heard", pong: false, retryAfterMs: null },
  { type: "heard", pong: true, retryAfterMs: null },
  { type: "heard", pong: false, retryAfterMs: 3_000 },
  { type: "closed", code: 1006, reason: "" },
  { type: "tick" },
  { type: "offline" },
  { type: "polled", ok: true },
);

Deno.test("whatever happened, and however much of it is forgotten, a recording plays to the state at its end", () => {
  const history = fc.array(
    fc.tuple(cause, fc.integer({ min: 0, max: 20_000 }), fc.double({ min: 0, max: 0.99, noNaN: true })),
  );
  fc.assert(
    fc.property(history, fc.integer({ min: 1, max: 8 }), (events, limit) => {
      const box = createBlackBox(limit);
      let state = initialState;
      let at = 1;
      for (const [cause, afterMs, random] of events) {
        const event = { ...cause, at: at += afterMs, random };
        [state] = step(state, event);
        box.record(event, state, defaultPolicy);
      }
      const recording = copied(box);
      assert.ok(recording.events.length <= limit);
      assert.deepEqual(told(play(recording).at(-1) ?? recording.start), told(state));
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("messages in a row take one place, so that an hour of readings does not push out the cut before it", () => {
  const box = createBlackBox(5);
  let state = initialState;
  const happens = (cause: Cause, at: number) => {
    const event = { ...cause, at, random: 0.5 };
    [state] = step(state, event);
    box.record(event, state, defaultPolicy);
  };
  happens({ type: "connect" }, 1);
  happens({ type: "opened" }, 2);
  for (let n = 0; n < 36_000; n++) happens({ type: "heard", pong: false, retryAfterMs: null }, 3 + n * 100);
  assert.deepEqual(box.toJSON().events.map(({ type, at }) => [type, at]), [["connect", 1], ["opened", 2], [
    "heard",
    3_599_903,
  ]]);
});

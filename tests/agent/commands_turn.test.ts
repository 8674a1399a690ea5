// The order of commands, with nothing behind them: what waited too long must never be done later.

import assert from "node:assert/strict";
import { Commands } from "../../agent/commands.ts";

Deno.test("commands - one that waited for longer than it may take is refused in time, and is not begun any more", async () => {
  let asked = 0;
  const commands = new Commands({
    // Nothing answers: `connect` waits for ten seconds, and everything else behind it.
    instrument: () => {
      asked++;
      return undefined;
    },
    power: { on: true, turnOn() {}, turnOff: () => Promise.resolve() },
    watch: {
      sawLaser() {},
      began() {},
      abortAsked() {},
      sweep: { state: "idle", wavelength_nm: null, percent: 0, started_at: null, eta_s: null },
    },
    transfers: { open: () => "", read: () => Promise.resolve(undefined), close() {} },
  });
  const connecting = commands.carryOut("connection.connect", {});
  const startMs = performance.now();
  const aborting = await commands.carryOut("sweep.abort", {});
  assert.ok(!aborting.ok && aborting.problem.code === "timeout");
  assert.ok(performance.now() - startMs < 6000);
  await connecting;
  await new Promise((done) => setTimeout(done, 100));
  const askedBefore = asked;
  await new Promise((done) => setTimeout(done, 100));
  assert.equal(asked, askedBefore, "the abort came after all");
});

// The order of commands, with hardly an instrument behind them: what waited too long must never be done later.

import assert from "node:assert/strict";
import { Actions } from "../../agent/actions.ts";
import { Commands } from "../../agent/commands.ts";
import { Ctp10 } from "../../agent/ctp10/mod.ts";

Deno.test("commands - one that waited for longer than it may take is refused in time, and is not begun any more", async () => {
  let there = false;
  let aborts = 0;
  const sweep = {
    abort() {
      aborts++;
      return Promise.resolve();
    },
    condition: () => Promise.resolve([]),
  };
  const ctp10: Ctp10 = Object.assign(Object.create(Ctp10.prototype), { sweep });
  const commands = new Commands(
    new Actions({
      // While it is away, `connect` waits for up to ten seconds, and everything else behind it.
      instrument: () => there ? { ctp10, identity: "EXFO,CTP10,1,1" } : undefined,
      power: { on: true, turnOn() {}, turnOff: () => Promise.resolve() },
      watch: {
        sawLaser() {},
        began() {},
        abortAsked() {},
        sweep: { state: "idle", wavelength_nm: null, percent: 0, started_at: null, eta_s: null },
      },
      transfers: { open: () => "", read: () => Promise.resolve(undefined), close() {} },
    }),
  );
  const connecting = commands.carryOut("connection.connect", {});
  const startMs = performance.now();
  const late = await commands.carryOut("sweep.abort", {});
  assert.ok(!late.ok && late.problem.code === "timeout");
  assert.ok(performance.now() - startMs < 6000);
  there = true;
  assert.ok((await connecting).ok);
  assert.ok((await commands.carryOut("sweep.abort", {})).ok, "the next one is carried out");
  assert.equal(aborts, 1, "the late one came after all");
});

Deno.test("commands - what fails in the agent itself is told like any other failure", async () => {
  const commands = new Commands({ act: () => Promise.reject(new TypeError("no such field")) });
  const outcome = await commands.carryOut("sweep.abort", {});
  assert.ok(!outcome.ok);
  assert.equal(outcome.problem.code, "unavailable");
  assert.match(outcome.problem.detail ?? "", /no such field/);
});

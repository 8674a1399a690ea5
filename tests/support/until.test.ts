import assert from "node:assert/strict";
import { until } from "./until.ts";

Deno.test("until returns what it waited for", async () => {
  let looks = 0;
  assert.equal(await until("the third look", () => ++looks === 3 && "there", { everyMs: 1 }), "there");
});

Deno.test("until takes an exception for not yet", async () => {
  let looks = 0;
  const look = () => {
    if (++looks < 3) throw new Error("not yet");
    return looks;
  };
  assert.equal(await until("no exception", look, { everyMs: 1 }), 3);
});

Deno.test("until that waits in vain says for what, and what it saw last", async () => {
  await assert.rejects(
    until("a dragon", () => "", { timeoutMs: 20, everyMs: 5 }),
    /Waited 0.02 s in vain for a dragon; last seen: ""/,
  );
  await assert.rejects(
    until("a dragon", () => Promise.reject(new Error("only sheep")), { timeoutMs: 20, everyMs: 5 }),
    /last seen: Error: only sheep/,
  );
});

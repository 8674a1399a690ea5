import assert from "node:assert/strict";
import { askAbort, begin, end, find, lose, progress, type SweepPlan } from "../../agent/sweep_track.ts";

const plan: SweepPlan = { startNm: 1500, stopNm: 1600, speedNmPerS: 10, settleS: 2 };
const t0 = Date.UTC(2026, 0, 1);
const at = (seconds: number) => t0 + 1000 * seconds;

Deno.test("sweep track - nothing is known before the first sweep", () => {
  assert.deepEqual(progress({ type: "idle" }, t0), {
    state: "idle",
    wavelength_nm: null,
    percent: 0,
    started_at: null,
    eta_s: null,
  });
});

Deno.test("sweep track - the laser settles, then moves evenly, and is never quite there before the instrument says so", () => {
  const track = begin(plan, t0);
  const seen = [0, 2, 7, 12, 20].map((seconds) => progress(track, at(seconds)));
  assert.deepEqual(seen.map(({ percent }) => percent), [0, 0, 50, 99.9, 99.9]);
  assert.deepEqual(seen.map(({ wavelength_nm }) => wavelength_nm), [1500, 1500, 1550, 1599.9, 1599.9]);
  assert.deepEqual(seen.map(({ eta_s }) => eta_s), [12, 10, 5, 0, 0]);
  assert.ok(
    seen.every(({ state, started_at }) => state === "running" && started_at === "2026-01-01T00:00:00.000Z"),
  );
});

Deno.test("sweep track - an end in time is done, an early one or one that was asked for is aborted", () => {
  const track = begin(plan, t0);
  const ends = [end(track, at(12)), end(track, at(7)), end(askAbort(track), at(12))];
  assert.deepEqual(ends.map((over) => progress(over, at(30)).state), ["done", "aborted", "aborted"]);
  assert.deepEqual(ends.map((over) => progress(over, at(30)).percent), [100, 50, 99.9]);
  const [done] = ends;
  assert.ok(done);
  for (const again of [end(done, at(40)), lose(done, at(40)), askAbort(done)]) assert.equal(again, done);
});

Deno.test("sweep track - while the instrument is away nothing is known but what was last", () => {
  const lost = lose(begin(plan, t0), at(7));
  assert.deepEqual(progress(lost, at(9)), {
    state: "unknown",
    wavelength_nm: 1550,
    percent: 50,
    started_at: "2026-01-01T00:00:00.000Z",
    eta_s: null,
  });
  assert.equal(lose(lost, at(8)), lost);
});

Deno.test("sweep track - an instrument that comes back and scans goes on with the same sweep; one that does not, failed", () => {
  const track = begin(plan, t0);
  const lost = lose(track, at(5));
  assert.deepEqual(find(lost, at(7)), track);
  assert.equal(progress(end(find(lost, at(7)), at(12)), at(12)).state, "done");
  assert.deepEqual(progress(end(lost, at(7)), at(30)), { ...progress(lost, at(7)), state: "failed" });
  assert.equal(progress(find(lost, at(60)), at(61)).started_at, null, "it cannot be the same one any more");
});

Deno.test("sweep track - of a sweep that was found running no start is known, and no progress; its end is not called early", () => {
  const found = find({ type: "idle" }, t0);
  const running = { state: "running", wavelength_nm: null, percent: 0, started_at: null, eta_s: null };
  assert.deepEqual(progress(found, at(3)), running);
  assert.deepEqual(progress(end(found, at(3)), at(9)), { ...running, state: "done", percent: 100 });
  assert.deepEqual(progress(end(askAbort(found), at(3)), at(9)), { ...running, state: "aborted" });
  assert.deepEqual(progress(lose(found, at(3)), at(9)), { ...running, state: "unknown" });
});

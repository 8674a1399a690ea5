// A trace on its way, with no instrument behind it.

import assert from "node:assert/strict";
import { systemClock } from "../../agent/clock.ts";
import { Ctp10 } from "../../agent/ctp10/mod.ts";
import { Transfers } from "../../agent/transfers.ts";

Deno.test("transfers - one that is closed while a piece of it is waited for is there no more", async () => {
  const levelsDb = (signal: AbortSignal) => Promise.reject(signal.reason);
  const ctp10: Ctp10 = Object.assign(Object.create(Ctp10.prototype), { trace: () => ({ levelsDb }) });
  const transfers = new Transfers({ tellPause() {}, clock: systemClock() });
  const id = transfers.open(
    { ctp10, identity: "EXFO,CTP10,1,1" },
    { module: 4, channel: 1, type: "live" },
    { length: 100, startNm: 1500, samplingPm: 1 },
  );
  const piece = transfers.read(id);
  transfers.close(id);
  assert.equal(await piece, undefined);
  assert.equal(await transfers.read(id), undefined);
});

import assert from "node:assert/strict";
import { openSpool } from "../../agent/spools.ts";
import { keptLog } from "../lib/relay/support.ts";
import { boot, fill, folder } from "./spool_support.ts";

for (const kind of ["memory", "file"]) {
  Deno.test(`overflow - of a spool in ${kind}: one line when it begins, and one with the number when there is room again`, () => {
    using dir = folder();
    const log = keptLog();
    const spool = openSpool(kind === "file" ? dir.path : undefined, boot, 10, log);
    fill(spool, 1, 10);
    assert.deepEqual(log.lines, []);
    fill(spool, 11, 13);
    const begin = {
      level: "warn",
      message: "the spool is full: its oldest readings are dropped",
      fields: {},
    };
    assert.deepEqual(log.lines, [{ ...begin, fields: { limit: 10 } }]);
    spool.acknowledge(boot, 5);
    fill(spool, 14, 20);
    assert.equal(log.lines.length, 1, "a little room is not the end of it");
    spool.acknowledge(boot, 19);
    assert.deepEqual(log.lines.slice(1), [
      { level: "warn", message: "the spool has room again", fields: { dropped: spool.dropped } },
    ]);
    const before = spool.dropped;
    fill(spool, 21, 31);
    spool.acknowledge(boot, 31);
    assert.deepEqual(log.lines.slice(3).map(({ fields }) => fields), [{ dropped: spool.dropped - before }]);
    spool.close();
  });
}

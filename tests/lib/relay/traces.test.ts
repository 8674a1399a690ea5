// Traces of an agent that does not do what it promised.

import assert from "node:assert/strict";
import { Proxies } from "../../../lib/relay/access/address.ts";
import { Gate } from "../../../lib/relay/access/gate.ts";
import { Desk } from "../../../lib/relay/instrument/desk.ts";
import { Instruments } from "../../../lib/relay/instrument/knowledge.ts";
import { type Trace, Traces } from "../../../lib/relay/instrument/traces.ts";
import { Metrics } from "../../../lib/relay/metrics/metrics.ts";
import { keptLog } from "./support.ts";

/** A trace of four points, whose agent answers `trace.read` with what `read` returns; and what it was asked, in order. */
async function traceOf(
  read: (asked: readonly string[]) => unknown,
): Promise<{ trace: Trace; asked: string[] }> {
  const asked: string[] = [];
  const answer = (name: string): unknown => {
    asked.push(name);
    if (name === "trace.open") return { transfer: "1", length: 4, start_nm: 1500, sampling_pm: 1 };
    return name === "trace.read" ? read(asked) : {};
  };
  const desk = new Desk({
    agents: { states: () => [], command: async (_, name) => ({ ok: true, value: await answer(name) }) },
    hub: { stream: () => assert.fail("the station is named") },
    gate: new Gate(undefined, new Metrics(), Date.now),
    tokens: false,
    allowedOrigins: [],
    proxies: new Proxies([]),
    log: keptLog(),
  });
  const traces = new Traces(desk, new Instruments(() => {}), Date.now, new AbortController().signal);
  const trace = await traces.get("bench-1", { module: 4, channel: 1, trace: "transmission" });
  if ("status" in trace) assert.fail(trace.detail);
  return { trace, asked };
}

const points = (count: number) => new Uint8Array(4 * count).toBase64();

Deno.test("an agent that sends more points of a trace than it announced is asked for no more, and the reader hears why", async () => {
  const { trace, asked } = await traceOf((asked) => ({ data: points(3), done: asked.length > 20 }));
  await assert.rejects(Array.fromAsync(trace.pieces()), /more points than the 4 /);
  assert.equal(trace.received, 3);
  assert.deepEqual(asked, ["trace.open", "trace.read", "trace.read", "trace.close"]);
});

Deno.test("a trace whose reading fails in the relay itself ends with the reason", async () => {
  const { trace } = await traceOf(() => Promise.reject(new Error("There is no memory left.")));
  await assert.rejects(Array.fromAsync(trace.pieces()), /There is no memory left/);
});

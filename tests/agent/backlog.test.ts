// Ten minutes with the relay away, by their size: the spool is filled as those minutes would have filled it.

import assert from "node:assert/strict";
import { fileSpool } from "../../agent/spool_file.ts";
import { Uplink } from "../../agent/uplink.ts";
import type { Data, Reading } from "../../lib/protocol/mod.ts";
import { startChild } from "../lib/relay/child.ts";
import { agentToken, keptLog, view } from "../lib/relay/support.ts";
import { until } from "../support/until.ts";
import { readingNumber } from "./readings.ts";

const hz = 50;
const spooled = 600 * hz;
const awayMs = 4000;
const liveMs = 8000;

/** Every reading that the relay holds, by page. */
async function everything(host: string): Promise<Data[]> {
  const page = async (query: string) =>
    await (await fetch(`http://${host}/api/v1/readings?module=4&limit=1000${query}`)).json();
  const [epoch] = (await page("")).cursor.split("-");
  const all: Data[] = [];
  for (let cursor = `${epoch}-0`;;) {
    const { readings, cursor: next } = await page(`&since=${cursor}`);
    if (readings.length === 0) return all;
    all.push(...readings);
    cursor = next;
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("backlog - after ten minutes without the relay every reading arrives once, in order; it catches up in seconds, and live ones take less than one from then on", async () => {
  const folder = await Deno.makeTempDir({ prefix: "lightline-backlog-" });
  const spool = fileSpool(folder, "boot0001", 2 * spooled, keptLog());
  const startS = Math.floor(Date.now() / 1000) - 600;
  const reading = (i: number): Reading => ({ ...readingNumber(0), timestamp: startS + i / hz });
  const indexOf = ({ timestamp }: Reading) => Math.round((timestamp - startS) * hz);
  const takenAtMs = new Map<number, number>();
  let taken = 0;
  let caughtUpAtMs = Infinity;
  const port = freePort();
  const uplink = new Uplink({
    relayUrl: `ws://127.0.0.1:${port}`,
    station: "bench-1",
    token: agentToken,
    modules: [4],
    spool,
    log: keptLog(),
    onStored() {},
  });
  while (taken < spooled) spool.append(reading(++taken));
  uplink.connect();
  const timer = setInterval(() => {
    takenAtMs.set(++taken, performance.now());
    spool.append(reading(taken));
    uplink.wake();
    if (spool.held < hz) caughtUpAtMs = Math.min(caughtUpAtMs, performance.now());
  }, 1000 / hz);
  try {
    await until("some seconds more without a relay", () => taken >= spooled + awayMs * hz / 1000);
    await using served = await startChild(folder, port);
    await using viewer = view(served.host, "power?module=4");
    const latenciesMs: number[] = [];
    viewer.socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(data);
      const takenMs = message.type === "data" ? takenAtMs.get(indexOf(message)) : undefined;
      if (takenMs !== undefined && takenMs > caughtUpAtMs) latenciesMs.push(performance.now() - takenMs);
    });
    await until("the backlog's end", () => caughtUpAtMs < Infinity, { timeoutMs: 30_000 });
    const before = taken;
    await until("some seconds of live readings", () => taken >= before + liveMs * hz / 1000);
    clearInterval(timer);
    await until("an empty spool", () => spool.held === 0);
    const worstMs = Math.max(...latenciesMs);
    assert.ok(latenciesMs.length > 50, `${latenciesMs.length} live readings`);
    assert.ok(worstMs < 1000, `a live reading took ${worstMs.toFixed(0)} ms`);
    assert.equal(spool.dropped, 0);
    assert.deepEqual(
      (await everything(served.host)).map(indexOf),
      Array.from({ length: taken }, (_, i) => i + 1),
    );
  } finally {
    clearInterval(timer);
    uplink.close();
    spool.close();
    await Deno.remove(folder, { recursive: true });
  }
});

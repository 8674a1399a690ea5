// What an open page holds: objects, listeners, nodes and timers, as the browser counts them after a collection. Not what the
// engine compiles for hours yet, nor what the browser keeps to show its developer tools: neither is the page's.

import type { CDPSession, Page } from "playwright-core";
import { z } from "zod";

/** What a page holds. */
export interface Footprint {
  /** Objects, arrays, closures, strings and numbers of its scripts. */
  readonly heldBytes: number;
  readonly listeners: number;
  readonly nodes: number;
  /** Timeouts and intervals that wait. */
  readonly timers: number;
}

declare global {
  /** Put into the page by {@linkcode countTimers}. */
  var waitingTimers: Set<unknown>;
}

/** Counts the page's timers from its first script on. After `page.clock.install()`, which has timers of its own. */
export const countTimers = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const waiting = globalThis.waitingTimers = new Set();
    const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
    const waits = <Id>(id: Id): Id => {
      waiting.add(id);
      return id;
    };
    Object.assign(globalThis, {
      setTimeout: (run: () => void, ms?: number) => {
        const id = setTimeout(() => {
          waiting.delete(id);
          run();
        }, ms);
        return waits(id);
      },
      setInterval: (run: () => void, ms?: number) => waits(setInterval(run, ms)),
      clearTimeout: (id?: number) => clearTimeout(waiting.delete(id) ? id : undefined),
      clearInterval: (id?: number) => clearInterval(waiting.delete(id) ? id : undefined),
    });
  });

/** Has the engine's tables of numbers' texts grow to their full size now, 64 KB each, instead of at some time. */
export const fillNumberTables = (page: Page): Promise<unknown> =>
  page.evaluate(() => Array.from({ length: 50_000 }, (_, i) => `${i}${i + 0.5}`).length);

/** Collects garbage, and counts what is left. */
export async function footprintOf(page: Page, devtools: CDPSession): Promise<Footprint> {
  const heldBytes = bytesHeld(await heapSnapshot(devtools));
  const { jsEventListeners, nodes } = await devtools.send("Memory.getDOMCounters");
  const timers = await page.evaluate(() => globalThis.waitingTimers.size);
  return { heldBytes, listeners: jsEventListeners, nodes, timers };
}

/** Shape: https://learn.microsoft.com/en-us/microsoft-edge/devtools/memory-problems/heap-snapshot-schema. */
const HeapSnapshot = z.object({
  snapshot: z.object({
    meta: z.object({
      node_fields: z.array(z.string()),
      /** The first field is the type, an index into this list of their names. */
      node_types: z.tuple([z.array(z.string())], z.unknown()),
    }),
  }),
  /** As many numbers for each thing on the heap as there are fields. */
  nodes: z.array(z.number()),
});

/** The snapshot is taken after a collection. */
async function heapSnapshot(devtools: CDPSession): Promise<z.infer<typeof HeapSnapshot>> {
  const chunks: string[] = [];
  const take = ({ chunk }: { chunk: string }) => void chunks.push(chunk);
  devtools.on("HeapProfiler.addHeapSnapshotChunk", take);
  await devtools.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
  devtools.off("HeapProfiler.addHeapSnapshotChunk", take);
  return HeapSnapshot.parse(JSON.parse(chunks.join("")));
}

const typesOfTheEngine = new Set(["hidden", "code", "native", "synthetic", "object shape"]);

function bytesHeld({ snapshot: { meta }, nodes }: z.infer<typeof HeapSnapshot>): number {
  const [typeNames] = meta.node_types;
  const type = meta.node_fields.indexOf("type");
  const selfSize = meta.node_fields.indexOf("self_size");
  let bytes = 0;
  for (let node = 0; node < nodes.length; node += meta.node_fields.length) {
    const typeName = typeNames[nodes[node + type] ?? -1] ?? "";
    if (!typesOfTheEngine.has(typeName)) bytes += nodes[node + selfSize] ?? 0;
  }
  return bytes;
}

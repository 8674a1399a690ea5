/**
 * How fast pages are rendered: a plain page and one with an island, by this project's engine, by bare Hono with
 * preact-render-to-string, and, where `UPSTREAM_CONFIG` names a deno.json whose import map points `fresh` at it, by Fresh itself.
 * All in one run, in turns, each in a process of its own; the ratios count, not the numbers.
 */

import { quantile } from "./fanout/measure.ts";

const ROUND_MS = 250;
const ROUNDS = 3;
/** A process' collector settles into one of two paces, by chance: each contestant runs in several, and its best counts. */
const PROCESSES = 5;
const PAGES = ["plain", "island"] as const;

interface Contestant {
  readonly name: string;
  /** Renders `page` for a round; resolves to pages for each second of the processor's time. */
  measure(page: string): Promise<number>;
  close(): Promise<void>;
}

async function start(name: string, contestant: "bare" | "fresh", config?: string): Promise<Contestant> {
  const script = new URL("./pages_contestant.ts", import.meta.url).pathname;
  const args = [
    "run",
    "-q",
    "-A",
    "--no-check",
    // Threads of the collector that wait for a processor would count as work, and a collector that shrinks its young space
    // between rounds makes them differ by half.
    "--v8-flags=--single-threaded-gc,--min-semi-space-size=16",
    ...config === undefined ? [] : ["--config", config],
    script,
    contestant,
  ];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args, String(ROUND_MS)],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const input = child.stdin.getWriter();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const line = async (): Promise<string> => {
    let text = "";
    while (!text.endsWith("\n")) {
      const { value, done } = await output.read();
      if (done) throw new Error(`Cannot measure "${name}": its process ended. What it wrote is above.`);
      text += value;
    }
    return text.trim();
  };
  // Whatever an engine says while it builds comes first.
  while (!(await line()).endsWith("ready"));
  return {
    name,
    async measure(page) {
      await input.write(new TextEncoder().encode(`${page}\n`));
      return Number(await line());
    },
    async close() {
      await input.close();
      await output.cancel();
      await child.status;
    },
  };
}

const upstream = Deno.env.get("UPSTREAM_CONFIG");
const best = new Map<string, number>();
let names: readonly string[] = [];

for (let process = 0; process < PROCESSES; process++) {
  const contestants = [
    await start("bare Hono and preact-render-to-string", "bare"),
    await start("lib/fresh", "fresh"),
    ...upstream === undefined ? [] : [await start("upstream Fresh", "fresh", upstream)],
  ];
  names = contestants.map(({ name }) => name);
  const rates = new Map<string, number[]>();
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const page of PAGES) {
      for (const { name, measure } of contestants) {
        const rate = await measure(page);
        const key = `${name}/${page}`;
        if (round > 0) rates.set(key, [...rates.get(key) ?? [], rate]);
      }
    }
  }
  for (const [key, values] of rates) best.set(key, Math.max(best.get(key) ?? 0, quantile(values, 0.5)));
  await Promise.all(contestants.map((contestant) => contestant.close()));
}

for (const page of PAGES) {
  for (const name of names) {
    const rate = best.get(`${name}/${page}`) ?? NaN;
    const ratio = rate / (best.get(`${names[0]}/${page}`) ?? NaN);
    const rounded = Math.round(rate).toString().padStart(6);
    console.log(`${page.padEnd(7)} ${name.padEnd(38)} ${rounded} pages/s  ${ratio.toFixed(2)}×`);
  }
}

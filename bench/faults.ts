// `deno task bench:faults [readings]`: a meter on a line that misbehaves. For each fault a process of its own, with the
// simulated instrument and the agent's meter on a pseudo-terminal of 4 Mbaud: the real serial path, but ten thousand
// readings come in a minute instead of in three. 2% of the replies meet the fault, those of the repair included.
//
// A reading is wrong when a channel is more than 1.5 dB from the light that was there when it was taken, or when its
// wavelength is not the detector's. An outage is a pause of more than 100 ms between two accepted readings; what the fault
// itself lasts is part of it. Recovery is the mean of the outages. Memory is looked at after a collection of garbage; the
// young generation is kept small, because what V8 reserves for it grows with the pace of the readings.

import type { FaultResult } from "./faults/station.ts";

const share = 0.02;
const readings = Number(Deno.args[0] ?? 10_000);
const v8Flags = "--v8-flags=--expose-gc,--max-semi-space-size=1";
/** They wait more than they work. */
const atOnce = 4;

const faults = [
  `silence random ${share}`,
  `late random ${share} ms=300`,
  // later than the agent waits: the answer comes when something else has been asked
  `late random ${share} ms=700`,
  `cut random ${share}`,
  `pieces random ${share} ms=20`,
  `unterminated random ${share}`,
  `garbage random ${share} part=0.3`,
  `garbage random ${share} part=0.02`,
  // -17.85 becomes -1.85: it parses
  `dropped random ${share}`,
  `reset random ${share} ms=200`,
  `unplug random ${share} for 0.05`,
  `baud random ${share} for 0.2 baud=57600`,
  `pull random ${share} for 0.1`,
  `step random ${share} for 0.1 db=-10`,
  `ramp random ${share} for 0.5 db=-20`,
];

const columns = [
  ["fault", 42],
  ["accepted", 9],
  ["rejected", 9],
  ["wrong", 6],
  ["worst dB", 9],
  ["outages", 8],
  ["longest ms", 11],
  ["recovery ms", 12],
  ["descriptors", 12],
  ["heap MB", 13],
  ["resident MB", 13],
] as const;
row(columns.map(([title]) => title));

const waiting = [...faults];
const results: FaultResult[] = [];
await Promise.all(Array.from({ length: atOnce }, async () => {
  for (let fault = waiting.shift(); fault !== undefined; fault = waiting.shift()) {
    const result = await run(fault);
    results.push(result);
    tell(fault, result);
  }
}));

const wrong = results.reduce((sum, result) => sum + result.wrong, 0);
const leaked = results.filter(({ descriptors: [before, after] }) => after > before).length;
console.log(
  `${results.length} faults, ${readings} readings each: ${wrong} wrong, ${leaked} left descriptors`,
);
if (wrong > 0 || leaked > 0) Deno.exit(1);

async function run(fault: string): Promise<FaultResult> {
  const script = new URL("faults/station.ts", import.meta.url).pathname;
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", "--no-check", v8Flags, script, fault, String(readings)],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`Cannot measure "${fault}": its process failed. What it wrote is above.`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

function tell(fault: string, result: FaultResult): void {
  const { accepted, rejected, wrong, worstDb, outagesMs, descriptors, heapMb, residentMb } = result;
  const mean = outagesMs.reduce((sum, ms) => sum + ms, 0) / outagesMs.length;
  row([
    fault,
    String(accepted),
    String(rejected),
    String(wrong),
    worstDb.toFixed(2),
    String(outagesMs.length),
    outagesMs.length === 0 ? "-" : Math.max(...outagesMs).toFixed(0),
    outagesMs.length === 0 ? "-" : mean.toFixed(0),
    descriptors.join(" > "),
    heapMb.map((megabytes) => megabytes.toFixed(1)).join(" > "),
    residentMb.map((megabytes) => megabytes.toFixed(0)).join(" > "),
  ]);
}

function row(cells: readonly string[]): void {
  console.log(
    cells.map((cell, index) => {
      const width = columns[index]?.[1] ?? 0;
      return index === 0 ? cell.padEnd(width) : cell.padStart(width);
    }).join(""),
  );
}

// `deno task bench:fanout`: what it costs a server to deliver a reading, and to keep a viewer that is idle. All servers
// in one run, as ratios to a bare loop over Deno's own sockets. Linux only (it reads /proc).
//
// CPU is the user and system time of all of the server's threads, from quiet to quiet, divided by the frames that viewers
// received: for all but the bare loop that includes taking the reading from an agent, for Lightline storing it too. The
// sizes run at rates that leave the machine idle time, so that nobody is measured while it is starved: 10,000 readings a
// second each. All servers of a size run at once, and send in turns of a few seconds, the first of them to warm up, so
// that whatever else the machine does meets all of them alike.
// It only ever adds to a turn: a server's figure is the lower quartile of its turns, and its ratio that of its figure to
// the bare loop's; beside it stand the least and the greatest ratio of two turns of one round. A process keeps what luck
// it had with the places of its memory and the phase of its timers (two bare loops differ by a twentieth): every server
// is started several times.
// Servers have one processor and their clients the other, as if those were elsewhere: on the same one, to which Linux
// moves a server that a client has woken, each send may put the client in the server's place.
// Memory is what is resident after a collection of garbage more than before those viewers came. Of 100 it would be less
// than what a collection leaves by chance: 1,000 stand for them.
// Argument: how often (2).

import { RemoteCrowd } from "./fanout/crowd_process.ts";
import { firstNumber, pause, pinned, quantile, residentKb, twoProcessors } from "./fanout/measure.ts";
import { type Contender, contenders } from "./fanout/servers.ts";

const sizes = [{ viewers: 100, hz: 100 }, { viewers: 1000, hz: 10 }, { viewers: 5000, hz: 2 }] as const;
const starts = Number(Deno.args[0] ?? 2);
const rounds = 3;
const warmMs = 8000;
const settleMs = 1000;
const turnMs = 4000;
const idleAtLeast = 1000;
const [serving, watching] = twoProcessors();

interface Turn {
  /** Microseconds of CPU for each reading that a viewer got. */
  readonly cpuUs: number;
  /** Share of the readings that were due and arrived. */
  readonly delivered: number;
}

/** A server, its viewers, and what begins and ends the sending. */
interface Running {
  /** Kilobytes of memory that each idle viewer keeps. */
  readonly memoryKb: number;
  turn(ms: number): Promise<Turn>;
  close(): Promise<void>;
}

/** What all starts of a server have shown. */
interface Shown {
  readonly memoriesKb: number[];
  readonly turns: Turn[];
}

async function run(contender: Contender, viewers: number, hz: number): Promise<Running> {
  const [program = "", ...args] = pinned(serving, contender.command);
  const process = new Deno.Command(program, {
    args: [...args, String(hz)],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const input = process.stdin.getWriter();
  const port = await firstNumber(process.stdout);
  const { path, greeting } = contender;
  const connect = (count: number) =>
    RemoteCrowd.connect({ port, path, greeting, count, agent: contender.fed }, watching);
  // The first connections load code, and have it compiled, which the others do not pay for.
  const first = await connect(2000);
  const beforeKb = await keptKb(process);
  const idleCount = Math.max(viewers, idleAtLeast);
  const idle = await connect(idleCount);
  const memoryKb = (await keptKb(process) - beforeKb) / idleCount;
  await first.close();
  await idle.close();
  const crowd = await connect(viewers);
  const send = (rate: number) => contender.fed ? crowd.feed(rate) : input.write(new Uint8Array([10]));
  return {
    memoryKb,
    async turn(ms) {
      const [framesBefore, cpuBefore] = [await crowd.received(), cpuSeconds(process.pid)];
      await send(hz);
      await pause(ms);
      await send(0);
      await pause(settleMs);
      const frames = await crowd.received() - framesBefore;
      const cpuUs = (cpuSeconds(process.pid) - cpuBefore) * 1e6;
      return { cpuUs: cpuUs / frames, delivered: frames / (viewers * hz * ms / 1000) };
    },
    async close() {
      await crowd.close();
      await input.close().catch(() => {});
      process.kill("SIGTERM");
      await process.status;
    },
  };
}

async function keptKb(process: Deno.ChildProcess): Promise<number> {
  process.kill("SIGUSR2");
  await pause(1000);
  return residentKb(process.pid);
}

// `stat` counts in hundredths of a second, which is a twentieth of a turn of the cheapest server.
function cpuSeconds(pid: number): number {
  const threads = Array.from(Deno.readDirSync(`/proc/${pid}/task`), ({ name }) => name);
  const nanoseconds = threads.map((thread) =>
    Number(Deno.readTextFileSync(`/proc/${pid}/task/${thread}/schedstat`).split(" ")[0])
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9;
}

function figure(turns: readonly Turn[]): number {
  return quantile(turns.map(({ cpuUs }) => cpuUs), 0.25);
}

console.log(
  "viewers   rate  server             CPU/reading   ratio  least to greatest  memory/viewer   ratio  delivered",
);
for (const { viewers, hz } of sizes) {
  const shown: Shown[] = contenders.map(() => ({ memoriesKb: [], turns: [] }));
  for (let start = 0; start < starts; start++) {
    const running: Running[] = [];
    for (const contender of contenders) running.push(await run(contender, viewers, hz));
    for (const one of running) await one.turn(warmMs);
    for (const [index, { memoryKb }] of running.entries()) shown[index]?.memoriesKb.push(memoryKb);
    for (let round = 0; round < rounds; round++) {
      for (const [index, one] of running.entries()) shown[index]?.turns.push(await one.turn(turnMs));
    }
    for (const one of running) await one.close();
  }
  for (const [index, { name }] of contenders.entries()) {
    const { memoriesKb = [], turns = [] } = shown[index] ?? {};
    const ratios = turns.map(({ cpuUs }, round) => cpuUs / (shown[0]?.turns[round]?.cpuUs ?? NaN));
    const ratio = figure(turns) / figure(shown[0]?.turns ?? []);
    const memoryKb = quantile(memoriesKb, 0.5);
    const memoryRatio = memoryKb / quantile(shown[0]?.memoriesKb ?? [], 0.5);
    console.log(
      [
        String(viewers).padStart(7),
        `${hz} Hz`.padStart(6),
        ` ${name.padEnd(17)}`,
        `${figure(turns).toFixed(2)} µs`.padStart(11),
        `${ratio.toFixed(2)}×`.padStart(7),
        `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`.padStart(18),
        `${memoryKb.toFixed(1)} KB`.padStart(14),
        `${memoryRatio.toFixed(2)}×`.padStart(7),
        `${(100 * quantile(turns.map(({ delivered }) => delivered), 0.5)).toFixed(0)}%`.padStart(10),
      ].join(" "),
    );
  }
}

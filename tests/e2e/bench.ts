// Stations as the relay sees them, without an instrument: an agent with ten lasers and a sweep that does what it is told, so
// that a test can have several, and take one away in the middle of a sweep.

import type { LaserState, SweepProgress } from "../../lib/protocol/mod.ts";
import { startTask } from "../support/task.ts";
import { agentToken, ScriptedAgent } from "../lib/relay/support.ts";
import { readingAt } from "../support/reading.ts";

/** A bench whose agent is connected. Disposing of it takes the agent away. */
export interface Bench extends AsyncDisposable {
  /** Lasers that are on, by number. */
  lit(): readonly number[];
  /** How its sweep is. */
  sweep(): SweepProgress["data"];
  /** Says that its sweep is so far. */
  sweepTo(percent: number): void;
}

/** An agent repeats its word every few seconds. */
const repeatMs = 2000;
/** dBm */
const powerAtMost = 10;

/** A relay without an agent, and where it is. */
export async function startRelay(
  env: Readonly<Record<string, string>> = {},
): Promise<AsyncDisposable & { readonly origin: string; readonly port: number; readonly host: string }> {
  const task = startTask("serve", {
    env: { PORT: "0", DATA_DIR: ":memory:", AGENT_TOKEN: agentToken, ...env },
  });
  const [origin] = await task.line(/^http:\S+/);
  const { host, port } = new URL(origin);
  return { origin, host, port: Number(port), [Symbol.asyncDispose]: () => task[Symbol.asyncDispose]() };
}

/** Connects the bench `station`, whose detector is `module`. */
export async function startBench(host: string, station: string, module: number): Promise<Bench> {
  const agent = await ScriptedAgent.start(host, `boot000${module}`, station, [module]);
  let lasers = Array.from({ length: 10 }, (_, index): LaserState => ({
    ...{ laser: index + 1, identity: "EXFO,T100S-HP", on: false },
    ...{ wavelength_nm: 1550, power: 0, unit: "dBm" },
  }));
  let sweep: SweepProgress["data"] = {
    ...{ state: "idle", wavelength_nm: null, percent: 0, started_at: null, eta_s: null },
  };
  const say = () => agent.say({ type: "instrument", lasers, activities: [], sweep });

  const act: Readonly<Record<string, (params: Readonly<Record<string, unknown>>) => unknown>> = {
    "rlaser.set": ({ laser, ...settings }) => {
      if (Number(settings["power"] ?? 0) > powerAtMost) {
        throw new Error(`The instrument refused POW ${settings["power"]}DBM.`);
      }
      lasers = lasers.map((known) => known.laser === laser ? { ...known, ...settings } : known);
      return lasers.find((known) => known.laser === laser);
    },
    "sweep.start": () =>
      sweep = { ...sweep, state: "running", started_at: new Date().toISOString(), eta_s: 9 },
    "sweep.abort": () => sweep = { ...sweep, state: "aborted", eta_s: null },
    "tls.get": () => ({
      ...{ tls: 1, start_nm: 1540, stop_nm: 1560, speed_nm_s: 50, trigger: 0, power: 0, unit: "dBm" },
    }),
    "sweep.get": () => ({ sampling_pm: 10, laser_stays_on: false, stabilization_s: 0 }),
  };
  agent.socket.addEventListener("message", ({ data }) => {
    const { type, id, name, params } = JSON.parse(data);
    if (type !== "command") return;
    try {
      const value = act[name]?.(params);
      if (value === undefined) throw new Error("There is no such trace.");
      say();
      agent.say({ type: "result", id, ok: true, value });
    } catch (error) {
      const problem = { title: "Refused", detail: (error as Error).message, code: "refused" as const };
      agent.say({ type: "result", id, ok: false, problem });
    }
  });
  say();
  // The relay takes one after the other: what is acknowledged comes after what it has heard.
  agent.read(readingAt(Date.now() / 1000, { module }));
  await agent.acknowledged();
  const repeat = setInterval(say, repeatMs);
  return {
    lit: () => lasers.filter(({ on }) => on).map(({ laser }) => laser),
    sweep: () => sweep,
    sweepTo(percent) {
      const started_at = sweep.started_at ?? new Date().toISOString();
      sweep = { ...sweep, state: percent < 100 ? "running" : "done", percent, started_at };
      say();
    },
    async [Symbol.asyncDispose]() {
      clearInterval(repeat);
      await agent[Symbol.asyncDispose]();
    },
  };
}

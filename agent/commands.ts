// What the relay may have the agent do with the instrument: each command of lib/protocol, checked, carried out, and its
// outcome told. One at a time, because the instrument's error queue does not say whose error it holds; readings go on in
// between.

import { type CommandFault, type CommandName, commands } from "../lib/protocol/mod.ts";
import { type Actions, Refusal } from "./actions.ts";
import { type FailureKind, MeterFailure } from "./failure.ts";

/** What became of a command. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: { title: string; detail?: string; code?: CommandFault } };

/** These do not speak to the instrument, or wait for it by themselves. */
const outOfTurn: ReadonlySet<CommandName> = new Set(["connection.status", "trace.read", "trace.close"]);

const title = "The command was not carried out";
const afterTimeout = "The instrument has not answered in time; whether it took the command is not known.";

/** Carries out commands. */
export class Commands {
  readonly #actions: Pick<Actions, "act">;
  #turn: Promise<unknown> = Promise.resolve();

  /** Does nothing by itself. */
  constructor(actions: Pick<Actions, "act">) {
    this.#actions = actions;
  }

  /** The outcome always comes; it never throws. What waited for longer than it may take is not begun any more. */
  async carryOut(name: string, params: unknown): Promise<Outcome> {
    if (!isCommand(name)) return refused("invalid", `This agent has no command ${name}.`);
    const found = commands[name].params.safeParse(params);
    if (!found.success) {
      const words = found.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
      return refused("invalid", words.join("; "));
    }
    const signal = AbortSignal.timeout(1000 * commands[name].seconds);
    try {
      return {
        ok: true,
        value: await this.#inTurn(name, () => this.#actions.act(name, found.data, signal), signal),
      };
    } catch (error) {
      if (error instanceof Refusal) return refused(error.code, error.message);
      if (error instanceof MeterFailure) return refused(faultOf(error.kind), error.message);
      if (signal.aborted) return refused("timeout", afterTimeout);
      return refused("unavailable", `The agent failed on this command: ${error}`);
    }
  }

  #inTurn<T>(name: CommandName, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (outOfTurn.has(name)) return work();
    const mine = this.#turn.then(() => {
      signal.throwIfAborted();
      return work();
    });
    this.#turn = mine.catch(() => {});
    const late = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => late.reject(signal.reason));
    return Promise.race([mine, late.promise]);
  }
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}

function refused(code: CommandFault, detail: string): Outcome {
  return { ok: false, problem: { title, detail: detail.slice(0, 1000), code } };
}

function faultOf(kind: FailureKind): CommandFault {
  switch (kind) {
    case "refused":
      return "refused";
    case "silent":
      return "timeout";
    case "garbled":
    case "lost":
    case "unreachable":
    case "wrong_device":
      return "unavailable";
  }
}

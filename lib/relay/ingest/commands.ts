// Commands to agents, each waiting for its answer: no longer than its time, and no longer than the agent is there.

import type { CommandFault, Result } from "../../protocol/mod.ts";
import type { Connection } from "../sockets/connection.ts";
import type { CommandOutcome } from "../door.ts";

interface Waiting {
  readonly connection: Connection;
  readonly settle: (outcome: CommandOutcome) => void;
}

/** The commands that wait for an answer. */
export class Commands {
  readonly #waiting = new Map<string, Waiting>();
  #next = 1;

  /** Sends a command; the outcome always comes, it never throws. */
  send(
    connection: Connection,
    name: string,
    params: Readonly<Record<string, unknown>>,
    timeoutMs: number,
  ): Promise<CommandOutcome> {
    const id = String(this.#next++);
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => settle(failed(`The agent has not answered ${name} in ${timeoutMs / 1000} s.`, "timeout")),
        timeoutMs,
      );
      const settle = (outcome: CommandOutcome) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(outcome);
      };
      this.#waiting.set(id, { connection, settle });
      connection.say({ type: "command", id, name, params: { ...params } });
    });
  }

  /** Takes an answer; false where nobody waits for it on this connection. */
  settle(connection: Connection, result: Result): boolean {
    const waiting = this.#waiting.get(result.id);
    if (waiting?.connection !== connection) return false;
    waiting.settle(result.ok ? { ok: true, value: result.value } : { ok: false, problem: result.problem });
    return true;
  }

  /** The agent has gone: its commands have failed. */
  abandon(connection: Connection): void {
    for (const waiting of [...this.#waiting.values()]) {
      if (waiting.connection === connection) {
        waiting.settle(failed("The agent went away before it answered."));
      }
    }
  }
}

/** An outcome that the relay has to report by itself. */
export function failed(detail: string, code: CommandFault = "unavailable"): CommandOutcome {
  return { ok: false, problem: { title: "The command was not carried out", detail, code } };
}

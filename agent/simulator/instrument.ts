// The simulated CTP10 as a pure function: (state, message, now) → state and replies. It knows no transport, no clock and
// no fault; host.ts owns the one mutable state, session.ts the bytes.

import { createCommandTree, type ProgramMessage, ScpiError } from "../../lib/scpi/mod.ts";
import { commonCommands } from "./commands/common.ts";
import { detectorCommands } from "./commands/detectors.ts";
import { laserCommands } from "./commands/lasers.ts";
import { sweepCommands } from "./commands/sweeps.ts";
import { systemCommands } from "./commands/system.ts";
import { traceCommands } from "./commands/traces.ts";
import type { Context, Environment, Outcome, Reply } from "./context.ts";
import { raise } from "./registers.ts";
import type { InstrumentState } from "./state.ts";
import { advance } from "./sweep.ts";

/** What came of a message. */
export interface Execution {
  readonly state: InstrumentState;
  /** One for each query that succeeded, in order. */
  readonly replies: readonly Reply[];
  /** What has to wait for the end of a sweep, by `*WAI` or `*OPC?`; to be executed again later. */
  readonly waiting: ProgramMessage | undefined;
}

const tree = createCommandTree<Context, Outcome>([
  ...commonCommands,
  ...systemCommands,
  ...detectorCommands,
  ...laserCommands,
  ...sweepCommands,
  ...traceCommands,
]);

/**
 * Executes a message. A unit that breaks the grammar or names no command ends it, one that cannot be executed does not
 * (IEEE 488.2 section 6.4): either way the error is in the queue.
 */
export function execute(
  before: InstrumentState,
  message: ProgramMessage,
  nowMs: number,
  environment: Environment,
): Execution {
  let state = advance(before, nowMs);
  const replies: Reply[] = [];
  for (const [index, unit] of message.units.entries()) {
    const [first] = unit.header;
    const waits = first?.mnemonic === "*WAI" || (first?.mnemonic === "*OPC" && unit.query);
    if (waits && state.scan !== undefined) {
      return { state, replies, waiting: { ...message, units: message.units.slice(index) } };
    }
    try {
      const outcome = tree.run(unit, { state, nowMs, environment });
      state = outcome.state;
      if (outcome.reply !== undefined) replies.push(outcome.reply);
    } catch (error) {
      if (!(error instanceof ScpiError)) throw error;
      state = raise(state, error.code);
      if (error.code > -200) return { state, replies, waiting: undefined };
    }
  }
  if (message.error !== undefined) state = raise(state, message.error);
  return { state, replies, waiting: undefined };
}

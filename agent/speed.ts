// Why nothing, or only garbage, comes over a serial line: perhaps the two sides speak at different speeds. The agent does
// not change the speed by itself; it says which one the instrument has.

import type { MeterAddress } from "./address.ts";
import type { Clock } from "./clock.ts";
import { Conversation } from "./conversation.ts";
import { identityPattern } from "./ctp10/mod.ts";
import { MeterFailure } from "./failure.ts";
import { openLine } from "./line.ts";

const usualBaudRates = [115_200, 9600, 19_200, 38_400, 57_600, 230_400] as const;
const settleSilenceMs = 50;
const settleLimitMs = 200;
const identityTimeoutMs = 200;

/** A sentence that names the instrument's speed, when it is another than METER's; undefined otherwise. */
export async function explainBySpeed(
  address: MeterAddress,
  clock: Clock,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (address.type !== "serial") return undefined;
  const { path, baudRate } = address;
  for (const other of usualBaudRates) {
    if (other === baudRate || signal.aborted || !await answersAt(path, other, clock)) continue;
    return `The instrument at ${path} speaks at ${other} baud, METER says ${baudRate}. ` +
      `Set METER=serial:${path}?baud=${other}.`;
  }
  return undefined;
}

async function answersAt(path: string, baudRate: number, clock: Clock): Promise<boolean> {
  try {
    const conversation = new Conversation(await openLine({ type: "serial", path, baudRate }), clock);
    try {
      await conversation.settle(settleSilenceMs, settleLimitMs);
      return identityPattern.test(await conversation.query("*IDN?", identityTimeoutMs));
    } finally {
      await conversation.close();
    }
  } catch (error) {
    if (error instanceof MeterFailure) return false;
    throw error;
  }
}

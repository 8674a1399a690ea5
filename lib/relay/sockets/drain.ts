// When each socket may come back after a restart: every viewer in its own slot, agents before all of them.

import type { Connection } from "./connection.ts";

const agentsAfterS = 0.5;
const viewersAfterS = 1;
const viewersPerSecond = 200;

/** Each connection with the seconds after which it may come back. */
export function drainSlots(connections: readonly Connection[]): readonly (readonly [Connection, number])[] {
  let slot = 0;
  return connections.map((connection) => [
    connection,
    connection.party === "agent" ? agentsAfterS : viewersAfterS + slot++ / viewersPerSecond,
  ]);
}

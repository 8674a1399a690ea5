// :SYSTem and :STATus: the error queue, the standard's version, the operation status registers.

import { formatErrorReply, formatInteger, integer } from "../../../lib/scpi/mod.ts";
import { type InstrumentCommand, query, reading, setting } from "../context.ts";
import { operationCondition } from "../registers.ts";

const scpiVersion = "1999.0";

export const systemCommands: readonly InstrumentCommand[] = [
  reading(":SYSTem:ERRor[:NEXT]?", ({ state }) => {
    const [first, ...errors] = state.errors;
    return { state: { ...state, errors }, reply: formatErrorReply(first) };
  }),
  query(":SYSTem:ERRor:COUNt?", [], ({ state }) => formatInteger(state.errors.length)),
  query(":SYSTem:VERSion?", [], () => scpiVersion),
  query(
    ":STATus:OPERation:CONDition?",
    [],
    ({ state, nowMs }) => formatInteger(operationCondition(state, nowMs)),
  ),
  reading(":STATus:OPERation[:EVENt]?", ({ state }) => ({
    state: { ...state, operationEvent: 0 },
    reply: formatInteger(state.operationEvent),
  })),
  setting(
    ":STATus:OPERation:ENABle",
    [integer(0, 65535)],
    ({ state }, _, [operationEnable]) => ({ ...state, operationEnable }),
  ),
  query(":STATus:OPERation:ENABle?", [], ({ state }) => formatInteger(state.operationEnable)),
];

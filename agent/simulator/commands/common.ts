// The common commands of IEEE 488.2, section 10.

import { formatInteger, integer } from "../../../lib/scpi/mod.ts";
import { type InstrumentCommand, query, reading, setting } from "../context.ts";
import { clearStatus, statusByte } from "../registers.ts";
import { reset } from "../state.ts";

const identification = "EXFO,CTP10,12345,1.0.0";
const operationCompleteBit = 1;
const mask = integer(0, 255);

export const commonCommands: readonly InstrumentCommand[] = [
  query("*IDN?", [], () => identification),
  query("*TST?", [], () => "0"),
  query("*OPT?", [], () => "0"),
  // The instrument does not come here, or to *WAI, before what is under way has ended; see instrument.ts.
  query("*OPC?", [], () => "1"),
  setting("*WAI", [], ({ state }) => state),
  setting(
    "*OPC",
    [],
    ({ state }) =>
      state.scan === undefined
        ? { ...state, eventStatus: state.eventStatus | operationCompleteBit }
        : { ...state, completionAsked: true },
  ),
  setting("*CLS", [], ({ state }) => clearStatus(state)),
  setting("*RST", [], ({ state }) => reset(state)),
  reading("*ESR?", ({ state }) => ({
    state: { ...state, eventStatus: 0 },
    reply: formatInteger(state.eventStatus),
  })),
  setting("*ESE", [mask], ({ state }, _, [eventStatusEnable]) => ({ ...state, eventStatusEnable })),
  query("*ESE?", [], ({ state }) => formatInteger(state.eventStatusEnable)),
  setting("*SRE", [mask], ({ state }, _, [serviceRequestEnable]) => ({ ...state, serviceRequestEnable })),
  query("*SRE?", [], ({ state }) => formatInteger(state.serviceRequestEnable)),
  query("*STB?", [], ({ state }) => formatInteger(statusByte(state))),
];

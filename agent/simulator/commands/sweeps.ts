// :INITiate, :ABORt and :REFerence: the tunable lasers, the sweep, and the references made by one.

import {
  boolean,
  formatInteger,
  formatReal,
  integer,
  number,
  optional,
  ScpiError,
} from "../../../lib/scpi/mod.ts";
import { type Context, type InstrumentCommand, query, setting } from "../context.ts";
import { operationCondition, scanBit } from "../registers.ts";
import {
  channelKey,
  type InstrumentState,
  laserCount,
  type Scan,
  type Sweep,
  type Tls,
  withItem,
} from "../state.ts";
import { endScan, planSweep } from "../sweep.ts";
import { power, wavelength, wavelengthStep } from "./quantities.ts";

/** How long the condition register says that a sweep is being aborted. */
const abortingMs = 100;
const laserRange = wavelength(1260, 1640);

export const sweepCommands: readonly InstrumentCommand[] = [
  setting(
    ":INITiate:TLS<1-4>:IDentifier",
    [integer(0, laserCount)],
    ({ state }, [tls], [laser]) => change(state, tls, { laser }),
  ),
  query(":INITiate:TLS<1-4>:IDentifier?", [], ({ state }, [tls]) => formatInteger(find(state, tls).laser)),
  setting(
    ":INITiate:TLS<1-4>:WAVelength:STARt",
    [laserRange],
    ({ state }, [tls], [startM]) => change(state, tls, { startM }),
  ),
  query(
    ":INITiate:TLS<1-4>:WAVelength:STARt?",
    [],
    ({ state }, [tls]) => formatReal(find(state, tls).startM),
  ),
  setting(
    ":INITiate:TLS<1-4>:WAVelength:STOP",
    [laserRange],
    ({ state }, [tls], [stopM]) => change(state, tls, { stopM }),
  ),
  query(":INITiate:TLS<1-4>:WAVelength:STOP?", [], ({ state }, [tls]) => formatReal(find(state, tls).stopM)),
  setting(
    ":INITiate:TLS<1-4>:SPEed",
    [integer(5, 200)],
    ({ state }, [tls], [speedNmps]) => change(state, tls, { speedNmps }),
  ),
  query(":INITiate:TLS<1-4>:SPEed?", [], ({ state }, [tls]) => formatInteger(find(state, tls).speedNmps)),
  setting(
    ":INITiate:TLS<1-4>:POWer",
    [power(-10, 10)],
    ({ state }, [tls], [power]) => change(state, tls, { power }),
  ),
  query(":INITiate:TLS<1-4>:POWer?", [], ({ state }, [tls]) => formatReal(find(state, tls).power.value)),
  setting(
    ":INITiate:TLS<1-4>:TRIGin",
    [integer(0, 8)],
    ({ state }, [tls], [triggerPort]) => change(state, tls, { triggerPort }),
  ),
  query(":INITiate:TLS<1-4>:TRIGin?", [], ({ state }, [tls]) => formatInteger(find(state, tls).triggerPort)),
  // The whole scan's range is that of its lasers. An end that is moved past the other takes that along.
  setting(":INITiate:WAVelength:STARt", [laserRange], ({ state }, _, [startM]) => {
    const { number, stopM } = outermost(state, "startM");
    return change(state, number, { startM, stopM: Math.max(startM, stopM) });
  }),
  query(":INITiate:WAVelength:STARt?", [], ({ state }) => formatReal(outermost(state, "startM").startM)),
  setting(":INITiate:WAVelength:STOP", [laserRange], ({ state }, _, [stopM]) => {
    const { number, startM } = outermost(state, "stopM");
    return change(state, number, { startM: Math.min(startM, stopM), stopM });
  }),
  query(":INITiate:WAVelength:STOP?", [], ({ state }) => formatReal(outermost(state, "stopM").stopM)),
  setting(
    ":INITiate:WAVelength:SAMPling",
    [wavelengthStep(1, 250)],
    ({ state }, _, [samplingM]) => ({ ...state, samplingM }),
  ),
  query(":INITiate:WAVelength:SAMPling?", [], ({ state }) => formatReal(state.samplingM)),
  setting(
    ":INITiate:STABilization",
    [boolean, optional(number(0, 60), 0)],
    ({ state }, _, [staysOn, durationS]) => ({ ...state, stabilization: { staysOn, durationS } }),
  ),
  query(
    ":INITiate:STABilization?",
    [],
    ({ state: { stabilization } }) => `${stabilization.staysOn ? 1 : 0},${stabilization.durationS}`,
  ),
  setting(
    ":INITiate[:IMMediate]",
    [],
    (context) => begin(context, (sweep) => ({ type: "sweep", sweep })),
  ),
  setting(
    ":REFerence:SENSe<1-20>:CHANnel<1-6>:INITiate",
    [],
    (context, [module, channel]) =>
      begin(context, (sweep) => ({ type: "reference", sweep, module, channel })),
  ),
  query(
    ":REFerence:SENSe<1-20>:CHANnel<1-6>:RESult?",
    [],
    ({ state }, [module, channel]) => {
      const reference = state.references.get(channelKey(module, channel));
      return reference === undefined ? "0" : `1,0,${dateAndTime(reference.endsAtMs)}`;
    },
  ),
  setting(
    ":ABORt",
    [],
    ({ state, nowMs }) =>
      state.scan === undefined ? state : { ...endScan(state), abortingUntilMs: nowMs + abortingMs },
  ),
];

function begin(context: Context, scanOf: (sweep: Sweep) => Scan): InstrumentState {
  const { state, nowMs } = context;
  if (operationCondition(state, nowMs) !== 0) throw new ScpiError(-213);
  const scan = scanOf(planSweep(context));
  return { ...state, scan, operationEvent: state.operationEvent | scanBit(scan.type) };
}

function change(state: InstrumentState, number: number, settings: Partial<Tls>): InstrumentState {
  return { ...state, tls: withItem(state.tls, number, settings) };
}

function find(state: InstrumentState, number: number): Tls {
  const found = state.tls[number - 1];
  if (found === undefined) throw new ScpiError(-114);
  return found;
}

/** The tunable laser in use that a scan begins or ends with. @throws {ScpiError} -221 where none is in use. */
function outermost(state: InstrumentState, end: "startM" | "stopM"): Tls & { readonly number: number } {
  const used = state.tls.map((tls, index) => ({ ...tls, number: index + 1 })).filter(({ laser }) =>
    laser !== 0
  )
    .sort((a, b) => a[end] - b[end]);
  const found = end === "startM" ? used[0] : used.at(-1);
  if (found === undefined) throw new ScpiError(-221);
  return found;
}

/** `20251128,092631`, in UTC. */
function dateAndTime(unixMs: number): string {
  return new Date(unixMs).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", ",");
}

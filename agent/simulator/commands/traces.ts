// :TRACe: spectra, as text and as blocks.

import {
  choice,
  formatBlock,
  formatFixed,
  formatInteger,
  formatReal,
  optional,
  ScpiError,
  standIn,
} from "../../../lib/scpi/mod.ts";
import { type InstrumentCommand, query, type Reply, setting } from "../context.ts";
import { factorFromDb, speedOfLightMps } from "../optics/units.ts";
import type { InstrumentState } from "../state.ts";
import { findTrace, type Trace, type TraceKind, traceWavelengthM } from "../trace.ts";

/** By the number in `TYPE<t>`. One command makes both references, 12 and the "quick" 13, and they are the same. */
const kinds: ReadonlyMap<number, TraceKind> = new Map([
  [1, "transmission"],
  [11, "live"],
  [12, "reference"],
  [13, "reference"],
]);

const format = optional(choice({ BIN: "binary", ASCII: "text", ASC: "text" }), "text" as const);
const powerScale = optional(choice({ DB: "logarithmic", Y: "linear" }), "logarithmic" as const);
const spectralScale = optional(choice({ M: "wavelength", HZ: "frequency" }), "wavelength" as const);
const dbDecimals = 4;

export const traceCommands: readonly InstrumentCommand[] = [
  query(
    ":TRACe:SENSe<1-20>:CHANnel<1-6>:TYPE<1-23>:DATA:LENGth?",
    [],
    ({ state }, suffixes) => formatInteger(find(state, suffixes)?.length ?? 0),
  ),
  query(
    ":TRACe:SENSe<1-20>:CHANnel<1-6>:TYPE<1-23>:DATA:SAMPling?",
    [],
    ({ state }, suffixes) => formatReal(existing(state, suffixes).samplingM),
  ),
  query(
    ":TRACe:SENSe<1-20>:CHANnel<1-6>:TYPE<1-23>:DATA:STARt?",
    [],
    ({ state }, suffixes) => formatReal(existing(state, suffixes).startM),
  ),
  query(
    ":TRACe:SENSe<1-20>:CHANnel<1-6>:TYPE<1-23>:DATA[:Y]?",
    [format, powerScale],
    ({ state }, suffixes, [form, scale]) => {
      const values = existing(state, suffixes).values();
      const scaled = scale === "logarithmic" ? values : values.map(factorFromDb);
      if (form === "binary") return float32Block(scaled);
      return text(scaled, scale === "logarithmic" ? (value) => formatFixed(value, dbDecimals) : formatReal);
    },
  ),
  query(
    ":TRACe:SENSe<1-20>:CHANnel<1-6>:TYPE<1-23>:DATA:X?",
    [format, spectralScale],
    ({ state }, suffixes, [form, scale]) => {
      const trace = existing(state, suffixes);
      const values = Float64Array.from({ length: trace.length }, (_, index) => {
        const wavelengthM = traceWavelengthM(trace, index);
        return scale === "wavelength" ? wavelengthM : speedOfLightMps / wavelengthM;
      });
      return form === "binary" ? float64Block(values) : text(values, formatReal);
    },
  ),
  // The instrument's own memory cannot be read over the wire: the command is taken, and has nothing to show for it.
  setting(":TRACe:SENSe<1-20>:CHANnel<1-6>:TYPE<1-23>:SAVE", [], ({ state }, suffixes) => {
    existing(state, suffixes);
    return state;
  }),
];

function find(state: InstrumentState, [module, channel, type]: readonly [number, number, number]) {
  const kind = kinds.get(type);
  if (kind === undefined) throw new ScpiError(-114);
  return findTrace(state, kind, module, channel);
}

function existing(state: InstrumentState, suffixes: readonly [number, number, number]): Trace {
  const trace = find(state, suffixes);
  if (trace === undefined) throw new ScpiError(-230);
  return trace;
}

function text(values: Float64Array, write: (value: number) => string): Reply {
  return Array.from(values, write).join(",");
}

/** Numbers that are none, or infinite, have SCPI's stand-ins in a block too. */
function float32Block(values: Float64Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, index) => view.setFloat32(index * 4, standIn(value), false));
  return formatBlock(new Uint8Array(view.buffer));
}

function float64Block(values: Float64Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 8));
  values.forEach((value, index) => view.setFloat64(index * 8, value, false));
  return formatBlock(new Uint8Array(view.buffer));
}

// :CTP:SENSe:CHANnel: power, units, wavelength and trigger of the detectors.

import { choice, formatFixed, formatInteger, formatReal, integer } from "../../../lib/scpi/mod.ts";
import { type InstrumentCommand, query, setting } from "../context.ts";
import { readPowerMw } from "../light.ts";
import { dbmFromMw } from "../optics/units.ts";
import {
  channelKey,
  type ChannelSettings,
  channelSettings,
  type InstrumentState,
  moduleWavelengthM,
  withEntry,
} from "../state.ts";
import { wavelength } from "./quantities.ts";

const powerUnit = choice({ DBM: "dBm", MW: "mW", "0": "dBm", "1": "mW" });
const spectralUnit = choice({ WAV: "wavelength", FREQ: "frequency", "0": "wavelength", "1": "frequency" });
const dbmDecimals = 3;

export const detectorCommands: readonly InstrumentCommand[] = [
  query(":CTP:SENSe<1-20>:CHANnel<1-6>:POWer?", [], ({ state, nowMs, environment }, [module, channel]) => {
    const powerMw = readPowerMw(state, module, channel, nowMs, environment);
    return channelSettings(state, module, channel).powerUnit === "dBm"
      ? formatFixed(dbmFromMw(powerMw), dbmDecimals)
      : formatReal(powerMw);
  }),
  setting(
    ":CTP:SENSe<1-20>:CHANnel<1-6>:UNIT:Y",
    [powerUnit],
    ({ state }, [module, channel], [powerUnit]) => change(state, module, channel, { powerUnit }),
  ),
  query(
    ":CTP:SENSe<1-20>:CHANnel<1-6>:UNIT:Y?",
    [],
    ({ state }, [module, channel]) => channelSettings(state, module, channel).powerUnit === "dBm" ? "0" : "1",
  ),
  setting(
    ":CTP:SENSe<1-20>:CHANnel<1-6>:UNIT:X",
    [spectralUnit],
    ({ state }, [module, channel], [spectralUnit]) => change(state, module, channel, { spectralUnit }),
  ),
  query(
    ":CTP:SENSe<1-20>:CHANnel<1-6>:UNIT:X?",
    [],
    ({ state }, [module, channel]) =>
      channelSettings(state, module, channel).spectralUnit === "wavelength" ? "0" : "1",
  ),
  setting(
    ":CTP:SENSe<1-20>:CHANnel<1-6>:WAVelength",
    [wavelength(1240, 1680)],
    ({ state }, [module], [wavelengthM]) => ({
      ...state,
      wavelengthsM: withEntry(state.wavelengthsM, module, wavelengthM),
    }),
  ),
  query(
    ":CTP:SENSe<1-20>:CHANnel<1-6>:WAVelength?",
    [],
    ({ state }, [module]) => formatReal(moduleWavelengthM(state, module)),
  ),
  setting(
    ":CTP:SENSe<1-20>:CHANnel<1-6>:FUNCtion:TRIGger",
    [integer(0, 8)],
    ({ state }, [module, channel], [triggerPort]) => change(state, module, channel, { triggerPort }),
  ),
  query(
    ":CTP:SENSe<1-20>:CHANnel<1-6>:FUNCtion:TRIGger?",
    [],
    ({ state }, [module, channel]) => formatInteger(channelSettings(state, module, channel).triggerPort),
  ),
];

function change(
  state: InstrumentState,
  module: number,
  channel: number,
  settings: Partial<ChannelSettings>,
): InstrumentState {
  const changed = { ...channelSettings(state, module, channel), ...settings };
  return { ...state, channels: withEntry(state.channels, channelKey(module, channel), changed) };
}

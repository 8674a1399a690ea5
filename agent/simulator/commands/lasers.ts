// :CTP:RLASer: the lasers, controlled by hand.

import { boolean, formatReal, ScpiError } from "../../../lib/scpi/mod.ts";
import { type InstrumentCommand, query, setting } from "../context.ts";
import { type InstrumentState, type Laser, withItem } from "../state.ts";
import { power, wavelength } from "./quantities.ts";

const identification = "EXFO,T100S-HP,0,6.06";

export const laserCommands: readonly InstrumentCommand[] = [
  query(":CTP:RLASer<1-10>:IDN?", [], () => identification),
  setting(
    ":CTP:RLASer<1-10>:POWer",
    [power(-10, 13)],
    ({ state }, [number], [power]) => ({ ...state, lasers: withItem(state.lasers, number, { power }) }),
  ),
  query(
    ":CTP:RLASer<1-10>:POWer?",
    [],
    ({ state }, [number]) => formatReal(laser(state, number).power.value),
  ),
  setting(
    ":CTP:RLASer<1-10>:POWer:STATe",
    [boolean],
    ({ state }, [number], [on]) => ({ ...state, lasers: withItem(state.lasers, number, { on }) }),
  ),
  query(":CTP:RLASer<1-10>:POWer:STATe?", [], ({ state }, [number]) => laser(state, number).on ? "1" : "0"),
  setting(
    ":CTP:RLASer<1-10>:WAVelength",
    [wavelength(1260, 1640)],
    ({ state }, [number], [wavelengthM]) => ({
      ...state,
      lasers: withItem(state.lasers, number, { wavelengthM }),
    }),
  ),
  query(
    ":CTP:RLASer<1-10>:WAVelength?",
    [],
    ({ state }, [number]) => formatReal(laser(state, number).wavelengthM),
  ),
];

function laser(state: InstrumentState, number: number): Laser {
  const found = state.lasers[number - 1];
  if (found === undefined) throw new ScpiError(-114);
  return found;
}

// A module's power, asked for in one compound query: each channel's number with the unit that it is in. The unit comes
// along every time because it can be changed at the instrument's front panel: a number must never meet another's unit.

import type { Flag } from "../../lib/protocol/mod.ts";
import { joinUnits, parseNumber, splitReply } from "../../lib/scpi/mod.ts";

/** The four channels of a module that are read, in order. */
const channelNumbers = [1, 2, 3, 4] as const;

/** A unit of power, spelled as in a reading. */
export type PowerUnit = "dBm" | "mW";

/** What one channel shows: a number, or why there is none. */
export type ChannelPower =
  | { readonly type: "power"; readonly value: number }
  | { readonly type: "flagged"; readonly flag: Flag };

/** What a module showed at one moment, all of it in one unit. */
export interface ModulePower {
  /** The first channel's. */
  readonly unit: PowerUnit;
  /** In the order of {@linkcode channelNumbers}. */
  readonly channels: readonly ChannelPower[];
}

/** Numbers beyond this many dBm, either way, are the instrument's stand-ins for "none" (instrument.md). */
const sentinelDbm = 100;
const shortestWavelengthNm = 400;
const longestWavelengthNm = 2500;
const unitCodes: Readonly<Record<string, PowerUnit>> = { "0": "dBm", "1": "mW" };

const channelHeader = (module: number, channel: number) => `:CTP:SENS${module}:CHAN${channel}`;

/** The question to whose answer {@linkcode parsePower} holds the key. Short forms: a serial line is slow. */
export function powerQuestion(module: number): string {
  return joinUnits(channelNumbers.flatMap((channel) => {
    const header = channelHeader(module, channel);
    return [`${header}:POW?`, `${header}:UNIT:Y?`];
  }));
}

/** The wavelength that the module is set to; its channels share it. */
export function wavelengthQuestion(module: number): string {
  return `${channelHeader(module, 1)}:WAV?`;
}

/** Reads the answer to {@linkcode powerQuestion}, whole, or not at all: undefined. */
export function parsePower(answer: string): ModulePower | undefined {
  const parts = splitReply(answer);
  if (parts?.length !== 2 * channelNumbers.length) return undefined;
  const raw: { readonly value: number; readonly unit: PowerUnit }[] = [];
  for (let i = 0; i < parts.length; i += 2) {
    const value = parseNumber(parts[i] ?? "");
    const unit = unitCodes[parts[i + 1] ?? ""];
    if (value === undefined || unit === undefined) return undefined;
    raw.push({ value, unit });
  }
  const unit = raw[0]?.unit;
  if (unit === undefined) return undefined;
  return { unit, channels: raw.map((channel) => toChannelPower(channel.value, channel.unit, unit)) };
}

/** Nanometres out of the answer to {@linkcode wavelengthQuestion}; undefined where it is not one of light. */
export function parseWavelengthNm(answer: string): number | undefined {
  const metres = parseNumber(answer);
  if (metres === undefined) return undefined;
  const nm = Math.round(metres * 1e13) / 1e4;
  return nm >= shortestWavelengthNm && nm <= longestWavelengthNm ? nm : undefined;
}

/** dBm of what a channel shows: ±Infinity where it is out of range, NaN where it is invalid. */
export function dbmOf(channel: ChannelPower, unit: PowerUnit): number {
  if (channel.type === "power") return toDbm(channel.value, unit);
  switch (channel.flag) {
    case "over_range":
      return Infinity;
    case "under_range":
      return -Infinity;
    case "invalid":
      return NaN;
  }
}

function toChannelPower(value: number, from: PowerUnit, to: PowerUnit): ChannelPower {
  if (Number.isNaN(value)) return { type: "flagged", flag: "invalid" };
  const dbm = toDbm(value, from);
  if (dbm > sentinelDbm) return { type: "flagged", flag: "over_range" };
  if (dbm < -sentinelDbm) return { type: "flagged", flag: "under_range" };
  if (from === to) return { type: "power", value };
  return { type: "power", value: roundTo7Digits(to === "dBm" ? dbm : 10 ** (dbm / 10)) };
}

/** Source: ITU-T, dBm is 10·log10 of the power over 1 mW. No light, or less than that, is -Infinity. */
function toDbm(value: number, unit: PowerUnit): number {
  return unit === "dBm" ? value : 10 * Math.log10(Math.max(0, value));
}

function roundTo7Digits(value: number): number {
  return Number(value.toPrecision(7));
}

// A trace as a file: NPY for numpy, CSV for people, JSON for programs. Each goes out as its points come in.

import type { z } from "zod";
import type { dataAnswer } from "./looks.ts";
import type { Trace } from "./traces.ts";

type Data = z.infer<typeof dataAnswer>;

const npyAlignment = 64;

/** Transmission is a ratio, the others are powers. */
export function unitOf({ place }: Trace): Data["unit"] {
  return place.trace === "transmission" ? "dB" : "dBm";
}

/** The header of a one-dimensional array of little-endian float32. Source: numpy.lib.format, version 1.0. */
function npyHeader(length: number): Uint8Array<ArrayBuffer> {
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${length},), }`;
  const prefixBytes = 10;
  const padded = Math.ceil((prefixBytes + dictionary.length + 1) / npyAlignment) * npyAlignment - prefixBytes;
  const header = new Uint8Array(prefixBytes + padded);
  header.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, padded & 255, padded >> 8]);
  header.set(new TextEncoder().encode(`${dictionary.padEnd(padded - 1)}\n`), prefixBytes);
  return header;
}

/** As NPY: the levels alone. */
export async function* npy(trace: Trace): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield npyHeader(trace.length);
  for await (const levels of trace.pieces()) {
    const view = new DataView(new ArrayBuffer(4 * levels.length));
    levels.forEach((level, index) => view.setFloat32(4 * index, level, true));
    yield new Uint8Array(view.buffer);
  }
}

/** As CSV: wavelength and level, with a heading. What is no number is left empty. */
export async function* csv(trace: Trace): AsyncGenerator<string> {
  yield `wavelength_nm,level_${unitOf(trace).toLowerCase()}\r\n`;
  let index = 0;
  for await (const levels of trace.pieces()) {
    let text = "";
    for (const level of levels) {
      text += `${wavelengthNm(trace, index++)},${Number.isFinite(level) ? level.toFixed(4) : ""}\r\n`;
    }
    yield text;
  }
}

/** As JSON: the extent, then the levels. What is no number is null. */
export async function* json(trace: Trace): AsyncGenerator<string> {
  const { place, station, length, start_nm, sampling_pm } = trace;
  const unit = unitOf(trace);
  const head: Omit<Data, "levels"> = { ...place, station, unit, length, start_nm, sampling_pm };
  let before = `${JSON.stringify(head).slice(0, -1)},"levels":[`;
  for await (const levels of trace.pieces()) {
    yield before + Array.from(levels, (level) => Number.isFinite(level) ? Number(level.toFixed(4)) : null)
      .map(String).join(",");
    before = ",";
  }
  yield `${before === "," ? "" : before}]}`;
}

function wavelengthNm({ start_nm, sampling_pm }: Trace, index: number): string {
  return (start_nm + index * sampling_pm / 1000).toFixed(4);
}

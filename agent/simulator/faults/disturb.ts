// What a line fault makes of a reply: a pure function from bytes to what is sent instead, and when.

import type { Fault } from "./fault.ts";

/** Bytes to send after a pause. */
export interface Emission {
  readonly afterMs: number;
  readonly bytes: Uint8Array;
}

const terminator = [0x0d, 0x0a] as const;
const mostPieces = 4;

/** Applies faults to a reply, in their order. `random` gives numbers from 0 to 1, a new one at each call. */
export function disturb(
  reply: Uint8Array,
  faults: readonly Fault[],
  random: () => number,
): readonly Emission[] {
  return faults.reduce<readonly Emission[]>(
    (emissions, fault) => apply(emissions, fault, random),
    [{ afterMs: 0, bytes: reply }],
  );
}

function apply(emissions: readonly Emission[], { kind, figures }: Fault, random: () => number) {
  switch (kind) {
    case "silence":
      return [];
    case "late":
      return emissions.map((emission, index) =>
        index === 0 ? { ...emission, afterMs: emission.afterMs + figures.ms } : emission
      );
    case "cut":
      return change(emissions, (bytes) => bytes.subarray(0, Math.floor(bytes.length / 2)));
    case "unterminated":
      return change(emissions, withoutTerminator);
    case "garbage":
      return change(
        emissions,
        (bytes) => bytes.map((byte) => random() < figures.part ? random() * 256 : byte),
      );
    case "dropped":
      return change(emissions, (bytes) => {
        const lost = Math.floor(random() * bytes.length);
        return bytes.filter((_, index) => index !== lost);
      });
    case "pieces":
      return emissions.flatMap((emission) => pieces(emission, figures.ms, random));
    case "reset":
    case "unplug":
    case "baud":
    case "pull":
    case "step":
    case "ramp":
      return emissions;
  }
}

function change(
  emissions: readonly Emission[],
  make: (bytes: Uint8Array) => Uint8Array,
): readonly Emission[] {
  return emissions.map(({ afterMs, bytes }) => ({ afterMs, bytes: make(bytes) }));
}

function withoutTerminator(bytes: Uint8Array): Uint8Array {
  const ends = bytes.at(-2) === terminator[0] && bytes.at(-1) === terminator[1];
  return ends ? bytes.subarray(0, -2) : bytes;
}

function pieces({ afterMs, bytes }: Emission, gapMs: number, random: () => number): readonly Emission[] {
  const cuts = Array.from({ length: mostPieces - 1 }, () => Math.floor(random() * bytes.length))
    .sort((a, b) => a - b);
  const edges = [0, ...cuts, bytes.length];
  return edges.slice(1)
    .map((end, index) => bytes.subarray(edges[index], end))
    .filter((piece) => piece.length > 0)
    .map((piece, index) => ({ afterMs: index === 0 ? afterMs : gapMs, bytes: piece }));
}

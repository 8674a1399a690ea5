// Which of several answers to believe. SCPI has no checksum: an answer that lost a digit still parses (-17.85 → -1.85),
// so what jumps is read again. Pure: who asks again is the business of reader.ts.

import { dbmOf, type ModulePower } from "./ctp10/mod.ts";

/** A channel that moved further than this between two answers has jumped, dB. Half of it is real only rarely. */
const jumpDb = 1;
/** Below this a detector sees mostly its own noise, and a jump says nothing, dBm. */
const darkDbm = -70;
/** Answers that are compared before the middle one is taken. */
export const mostAnswers = 5;

/** What to make of the answers so far. */
export type Verdict =
  /** Believe this one. */
  | { readonly type: "believe"; readonly power: ModulePower }
  /** Ask again. */
  | { readonly type: "doubt" };

/** Whether `next` shows the same light as `previous`, as far as one can tell. */
export function agrees(previous: ModulePower, next: ModulePower): boolean {
  if (previous.unit !== next.unit) return false;
  return previous.channels.every((channel, index) => {
    const other = next.channels[index];
    if (other === undefined) return false;
    return sameLight(dbmOf(channel, previous.unit), dbmOf(other, next.unit));
  });
}

/**
 * Judges the answers of one moment, oldest first, against the reading that was believed before. The newest is believed
 * when it agrees with that, or with the answer just before it; after five that agree with nothing the light itself
 * must be restless, and for each channel the middle one of the newest unit's answers is taken.
 */
export function judge(believed: ModulePower | undefined, answers: readonly ModulePower[]): Verdict {
  const newest = answers.at(-1);
  if (newest === undefined) return { type: "doubt" };
  const before = answers.at(-2);
  const witnesses = [believed, before].filter((witness) => witness !== undefined);
  if (witnesses.some((witness) => agrees(witness, newest))) return { type: "believe", power: newest };
  if (answers.length < mostAnswers) return { type: "doubt" };
  return { type: "believe", power: middle(answers.filter(({ unit }) => unit === newest.unit), newest) };
}

function sameLight(dbm: number, otherDbm: number): boolean {
  if (Object.is(dbm, otherDbm)) return true;
  if (Number.isNaN(dbm) || Number.isNaN(otherDbm)) return false;
  if (dbm < darkDbm && otherDbm < darkDbm) return true;
  return Math.abs(dbm - otherDbm) <= jumpDb;
}

function middle(answers: readonly ModulePower[], newest: ModulePower): ModulePower {
  const channels = newest.channels.map((channel, index) => {
    const sorted = answers.flatMap((answer) => answer.channels[index] ?? [])
      .sort((a, b) => dbmOf(a, newest.unit) - dbmOf(b, newest.unit) || 0);
    return sorted[Math.floor(sorted.length / 2)] ?? channel;
  });
  return { unit: newest.unit, channels };
}

// The last minute of a channel, as columns of the least and the greatest power. Pure, and small enough to travel in a page.

/** Length of a column in milliseconds: a minute has as many columns as a small plot has room for. */
export const columnMs = 500;
/** Columns of a trace: one minute. */
export const columnCount = 120;
/** More columns than this without a reading are a gap. */
const gapColumns = 4;

/** Columns by their number (Unix milliseconds ÷ {@linkcode columnMs}), oldest first: number, least, greatest. */
export type Trace = readonly (readonly [column: number, min: number, max: number])[];

/** A trace with one more power in it. Powers come in the order of their times; one from before the last column is dropped. */
export function withPower(trace: Trace, timeMs: number, power: number): Trace {
  const column = Math.floor(timeMs / columnMs);
  const [at, min, max] = trace.at(-1) ?? [-1, 0, 0];
  if (column < at || column === at && power >= min && power <= max) return trace;
  return column === at
    ? [...trace.slice(0, -1), [column, Math.min(min, power), Math.max(max, power)]]
    : [...trace.filter(([old]) => old > column - columnCount), [column, power, power]];
}

/** What an SVG path needs to draw a trace in a box of `width` × `height`, the right edge being the time `nowMs`. */
export function tracePath(trace: Trace, nowMs: number, width: number, height: number): string {
  const newest = Math.floor(nowMs / columnMs);
  const shown = trace.filter(([column]) => column > newest - columnCount && column <= newest);
  const { low, high } = extent(shown);
  const scale = 0.9 * height / Math.max(high - low, 0.02);
  const round = (length: number) => Math.round(length * 10) / 10;
  const y = (power: number) => round(height / 2 + ((high + low) / 2 - power) * scale);
  let path = "";
  let before = -Infinity;
  for (const [column, min, max] of shown) {
    const x = round(width * (1 - (newest - column) / (columnCount - 1)));
    // a column without a reading is a gap: it is left open, never bridged
    path += `${column - before > gapColumns ? "M" : "L"}${x} ${y(min)}V${y(max)}`;
    before = column;
  }
  return path;
}

/** The least and the greatest power of a trace; infinite for an empty one. */
export function extent(trace: Trace): { readonly low: number; readonly high: number } {
  return { low: Math.min(...trace.map(([, min]) => min)), high: Math.max(...trace.map(([, , max]) => max)) };
}

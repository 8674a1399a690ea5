// The last minute of a channel, as columns of the least and the greatest power in dBm. Pure, and small enough to travel in a
// page.

/** Length of a column in milliseconds: a minute has as many columns as a small plot has room for. */
export const columnMs = 500;
/** Columns of a trace: one minute. */
export const columnCount = 120;
/** More columns than this without a reading are a gap. */
const gapColumns = 4;
/** Above and below what is drawn; it keeps a channel that hardly moves from being blown up. */
const marginDb = 0.01;

/** Columns by their number (Unix milliseconds ÷ {@linkcode columnMs}), oldest first: number, least, greatest. */
export type Trace = readonly (readonly [column: number, min: number, max: number])[];

/** A trace with one more power in it. Powers come in the order of their times; one from before the last column is dropped. */
export function withPower(trace: Trace, timeMs: number, power: number): Trace {
  const column = columnOf(timeMs);
  const [at, min, max] = trace.at(-1) ?? [-1, 0, 0];
  if (column < at) return trace;
  return column === at
    ? [...trace.slice(0, -1), [column, Math.min(min, power), Math.max(max, power)]]
    : [...lastMinute(trace, column), [column, power, power]];
}

/** The number of the column that a time falls into. */
export function columnOf(timeMs: number): number {
  return Math.floor(timeMs / columnMs);
}

/** What of a trace lies in the minute that ends with the column `newest`. */
export function lastMinute(trace: Trace, newest: number): Trace {
  return trace.filter(([column]) => column > newest - columnCount && column <= newest);
}

/** The box that a minute is drawn in, as an SVG's `viewBox`: a column is one wide, and the newest stands at the right edge. */
export function traceBox(low: number, high: number): string {
  return `${1 - columnCount} ${-high - marginDb} ${columnCount - 1} ${high - low + 2 * marginDb}`;
}

/** The SVG path of the minute that ends with the column `newest`, in that box. */
export function tracePath(minute: Trace, newest: number): string {
  let path = "";
  let before = -Infinity;
  for (const [column, min, max] of minute) {
    // a column without a reading is a gap: it is left open, never bridged
    path += `${column - before > gapColumns ? "M" : "L"}${column - newest} ${-min}V${-max}`;
    before = column;
  }
  return path;
}

/** The least and the greatest power of a trace; infinite for an empty one. */
export function extent(trace: Trace): readonly [low: number, high: number] {
  return [Math.min(...trace.map(([, min]) => min)), Math.max(...trace.map(([, , max]) => max))];
}

// A spectrum as something to draw: columns of least and greatest level, and what stands under a cursor. Pure; the same on the
// server and in a browser.

/** Point i lies at `startNm` + i · `samplingPm`. */
export interface Extent {
  readonly startNm: number;
  readonly samplingPm: number;
  /** Points that it has when it is complete. */
  readonly length: number;
}

/** A spectrum, or as much of it as has come, ready to be drawn. */
export interface Drawing {
  /** What an SVG path needs. */
  readonly path: string;
  /** Of what is drawn. */
  readonly low: number;
  readonly high: number;
  /** Levels of the plot's lower edge, of its grid lines, and of its upper edge: round numbers, upwards. */
  readonly scale: readonly number[];
}

/** A place on a spectrum. */
export interface Point {
  readonly nm: number;
  /** Null where there is none, or none yet. */
  readonly level: number | null;
}

/** The box that spectra are drawn in. */
export const plotWidth = 1200;
/** See {@linkcode plotWidth}. */
export const plotHeight = 400;
const columns = 600;
/** Parts that the grid divides a plot's height into. */
const rows = 4;
/** A plot's rows are never less, so that noise does not look like a signal. */
const leastRow = 0.5;

/** The drawing of the first `levels` of `length`: each column from its least to its greatest level, so that no dip is lost. */
export function draw(levels: Float32Array, length: number): Drawing {
  const perColumn = Math.max(1, length / columns);
  const extents: (readonly [x: number, min: number, max: number])[] = [];
  let low = Infinity;
  let high = -Infinity;
  for (let from = 0; from < levels.length; from += perColumn) {
    let min = Infinity;
    let max = -Infinity;
    for (let i = Math.floor(from); i < Math.min(levels.length, Math.floor(from + perColumn)); i++) {
      const level = levels[i] ?? NaN;
      if (level < min) min = level;
      if (level > max) max = level;
    }
    extents.push([from / Math.max(1, length - 1), min, max]);
    // what is no number, or endless, has no place in a plot
    if (Number.isFinite(min)) low = Math.min(low, min);
    if (Number.isFinite(max)) high = Math.max(high, max);
  }
  if (low > high) return { path: "", low: 0, high: 0, scale: [] };
  const scale = scaleOf(low, high);
  const [bottom = 0, top = 1] = [scale[0], scale.at(-1)];
  const y = (level: number) => (plotHeight * (top - level) / (top - bottom)).toFixed(1);
  let path = "";
  let gap = true;
  let before = high;
  for (const [part, min, max] of extents) {
    const known = Number.isFinite(min) && Number.isFinite(max);
    if (known) {
      // The nearer end first: a flank is one line, not a saw.
      const [first, last] = before - max < min - before ? [min, max] : [max, min];
      path += `${gap ? "M" : "L"}${(part * plotWidth).toFixed(1)} ${y(first)}`;
      if (min !== max) path += `L${(part * plotWidth).toFixed(1)} ${y(last)}`;
      before = last;
    }
    gap = !known;
  }
  return { path, low, high, scale };
}

/** The closest scale of round numbers (1, 2 or 5 times a power of ten apart) around these levels. */
function scaleOf(low: number, high: number): readonly number[] {
  for (let power = Math.floor(Math.log10(leastRow));; power++) {
    for (const digit of [1, 2, 5]) {
      const row = digit * 10 ** power;
      const bottom = Math.floor(low / row);
      if (row < leastRow || (bottom + rows) * row < high) continue;
      return Array.from({ length: rows + 1 }, (_, index) => (bottom + index) * row);
    }
  }
}

/** The point nearest to a wavelength. */
export function pointAt(extent: Extent, levels: Float32Array, nm: number): Point {
  const nearest = Math.round((nm - extent.startNm) * 1000 / extent.samplingPm);
  const index = Math.min(extent.length - 1, Math.max(0, nearest));
  const level = levels[index] ?? NaN;
  return { nm: wavelengthAt(extent, index), level: Number.isFinite(level) ? level : null };
}

/** Where cursors stand while nobody has moved them: a third and two thirds of the way; `wanted` where that is within. */
export function cursorNm(extent: Extent, part: number, wanted: number): number {
  const stopNm = wavelengthAt(extent, extent.length - 1);
  return wanted >= extent.startNm && wanted <= stopNm
    ? wanted
    : extent.startNm + part * (stopNm - extent.startNm);
}

/** The wavelength of a point, nm. */
export function wavelengthAt({ startNm, samplingPm }: Extent, index: number): number {
  return startNm + index * samplingPm / 1000;
}

/** A level of the scale. */
export function formatRound(level: number): string {
  return String(level).replace("-", "\u2212");
}

/** A level with its sign, two decimals. */
export function formatLevel(level: number | null): string {
  if (level === null || !Number.isFinite(level)) return "–";
  // no −0.00
  return (Math.round(level * 100) / 100 || 0).toFixed(2).replace("-", "\u2212");
}

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
  /** Of what is drawn; the plot's lower and upper edge lie beyond. */
  readonly low: number;
  readonly high: number;
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
/** A plot never shows less than this, so that noise does not look like a signal. */
const leastSpan = 1;
/** Part of the height between the least and the greatest level. */
const used = 0.9;

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
  if (low > high) return { path: "", low: 0, high: 0 };
  const span = Math.max(high - low, leastSpan);
  const middle = (high + low) / 2;
  const y = (level: number) => (plotHeight * (0.5 - used * (level - middle) / span)).toFixed(1);
  let path = "";
  let gap = true;
  for (const [part, min, max] of extents) {
    const known = Number.isFinite(min) && Number.isFinite(max);
    if (known) {
      path += `${gap ? "M" : "L"}${(part * plotWidth).toFixed(1)} ${y(max)}`;
      if (min !== max) path += `L${(part * plotWidth).toFixed(1)} ${y(min)}`;
    }
    gap = !known;
  }
  return { path, low, high };
}

/** The level at a height of the plot: 0 is its upper edge, 1 its lower one. */
export function levelAt({ low, high }: Drawing, part: number): number {
  return (high + low) / 2 + (0.5 - part) / used * Math.max(high - low, leastSpan);
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

/** A level with its sign, two decimals. */
export function formatLevel(level: number | null): string {
  if (level === null || !Number.isFinite(level)) return "–";
  // no −0.00
  return (Math.round(level * 100) / 100 || 0).toFixed(2).replace("-", "\u2212");
}

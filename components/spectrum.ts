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

const columns = 600;
/** A plot never shows less than this, so that noise does not look like a signal. */
const leastSpan = 1;

/** The drawing of `levels` in a box of `width` × `height`: each column from its least to its greatest level. */
export function draw(levels: Float32Array, length: number, width: number, height: number): Drawing {
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
  const y = (level: number) => (height * (0.5 - 0.9 * (level - middle) / span)).toFixed(1);
  let path = "";
  let gap = true;
  for (const [part, min, max] of extents) {
    const known = Number.isFinite(min) && Number.isFinite(max);
    if (known) {
      path += `${gap ? "M" : "L"}${(part * width).toFixed(1)} ${y(max)}`;
      if (min !== max) path += `L${(part * width).toFixed(1)} ${y(min)}`;
    }
    gap = !known;
  }
  return { path, low, high };
}

/** The index of the point nearest to a wavelength. */
export function indexAt({ startNm, samplingPm, length }: Extent, nm: number): number {
  return Math.min(length - 1, Math.max(0, Math.round((nm - startNm) * 1000 / samplingPm)));
}

/** The wavelength of a point, nm. */
export function wavelengthAt({ startNm, samplingPm }: Extent, index: number): number {
  return startNm + index * samplingPm / 1000;
}

/** A level with its sign, two decimals. */
export function formatLevel(level: number | undefined): string {
  return level === undefined || !Number.isFinite(level) ? "–" : level.toFixed(2).replace("-", "\u2212");
}

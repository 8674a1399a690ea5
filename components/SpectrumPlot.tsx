// The plot of a spectrum with two cursors. The cursors are fields of a form: without a script it asks for the page anew.

import {
  type Drawing,
  type Extent,
  formatLevel,
  formatRound,
  plotHeight,
  plotWidth,
  type Point,
  wavelengthAt,
} from "./spectrum.ts";

/** Where the two cursors are. */
export interface Cursors {
  readonly a: Point;
  readonly b: Point;
}

/** Which spectrum is shown. */
export interface Place {
  readonly module: number;
  readonly channel: number;
  readonly trace: string;
}

export interface SpectrumPlotProps {
  /** Whose instrument has it. */
  readonly station: string;
  readonly extent: Extent;
  readonly drawing: Drawing;
  readonly unit: "dB" | "dBm";
  readonly place: Place;
  readonly cursors: Cursors;
  /** Which cursor is moved where, nm; without it, the form's button moves them. */
  readonly onMove?: (name: keyof Cursors, nm: number) => void;
}

const width = plotWidth;
const height = plotHeight;
const edges = [0, 0.25, 0.5, 0.75, 1];
const gridLines = [0.25, 0.5, 0.75];

export function SpectrumPlot({ station, extent, drawing, unit, place, cursors, onMove }: SpectrumPlotProps) {
  const { path, low, high, scale } = drawing;
  const { a, b } = cursors;
  const last = extent.length - 1;
  const query = `?station=${station}&module=${place.module}&channel=${place.channel}&trace=${place.trace}`;
  const stopNm = wavelengthAt(extent, last);
  const xOf = (nm: number) =>
    (width * (nm - extent.startNm) / Math.max(1e-9, stopNm - extent.startNm)).toFixed(1);
  return (
    <figure class="spectrum-plot">
      <p class="levels" aria-hidden="true">
        {scale.toReversed().map((level) => <span key={level}>{formatRound(level)}</span>)}
        <span>{unit}</span>
      </p>
      <svg class="spectrum" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img">
        <title>
          {`Spectrum of module ${place.module}, channel ${place.channel}: ${formatLevel(low)} to ${
            formatLevel(high)
          } ${unit} from ${extent.startNm.toFixed(2)} to ${stopNm.toFixed(2)} nm`}
        </title>
        {gridLines.map((part) => (
          <path key={part} class="grid" d={`M${part * width} 0V${height}M0 ${part * height}H${width}`} />
        ))}
        <path class="line" d={path} />
        <path class="cursor" d={`M${xOf(a.nm)} 0V${height}`} />
        <path class="cursor b" d={`M${xOf(b.nm)} 0V${height}`} />
      </svg>
      <p class="nm-axis" aria-hidden="true">
        {edges.map((part) => <span key={part}>{wavelengthAt(extent, part * last).toFixed(2)} nm</span>)}
      </p>
      <p class="quiet">
        Lowest {formatLevel(low)} {unit}, highest {formatLevel(high)} {unit}; {extent.length} points,{" "}
        {extent.samplingPm} pm apart.
      </p>
      <form method="get" action="/sweep" class="box">
        <input type="hidden" name="station" value={station} />
        <input type="hidden" name="module" value={place.module} />
        <input type="hidden" name="channel" value={place.channel} />
        <input type="hidden" name="trace" value={place.trace} />
        {(["a", "b"] as const).map((name) => (
          <div key={name} class="cursors">
            <label for={`cursor-${name}`}>Cursor {name.toUpperCase()}</label>
            <input
              id={`cursor-${name}`}
              type="range"
              name={name}
              min={extent.startNm}
              max={stopNm}
              step={extent.samplingPm / 1000}
              value={cursors[name].nm}
              aria-valuetext={`${cursors[name].nm.toFixed(3)} nm, ${
                formatLevel(cursors[name].level)
              } ${unit}`}
              {...onMove && {
                onInput: (event: { readonly currentTarget: HTMLInputElement }) =>
                  onMove(name, Number(event.currentTarget.value)),
              }}
            />
            <output for={`cursor-${name}`}>
              {cursors[name].nm.toFixed(3)} nm: {formatLevel(cursors[name].level)} {unit}
            </output>
          </div>
        ))}
        <p>
          B − A: {formatLevel(b.nm - a.nm)} nm, {formatLevel((b.level ?? NaN) - (a.level ?? NaN))} dB
        </p>
        {!onMove && <button type="submit">Move the cursors</button>}
      </form>
      <p class="links">
        <a href={`/api/v1/detector/trace/data${query}&format=csv`} download>Download as CSV</a>
        <a href={`/api/v1/detector/trace/binary${query}`} download>Download as NPY</a>
      </p>
    </figure>
  );
}

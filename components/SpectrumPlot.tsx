// The plot of a spectrum with two cursors. The cursors are fields of a form: without a script it asks for the page anew.

import { draw, type Extent, formatLevel, indexAt, wavelengthAt } from "./spectrum.ts";

/** Where the cursors are, nm; as they stand in the page's address. */
export interface Cursors {
  readonly a: number;
  readonly b: number;
}

/** Which spectrum is shown. */
export interface Place {
  readonly module: number;
  readonly channel: number;
  readonly trace: string;
}

export interface SpectrumPlotProps {
  readonly extent: Extent;
  /** What has come of it. */
  readonly levels: Float32Array;
  readonly unit: "dB" | "dBm";
  readonly place: Place;
  readonly cursors: Cursors;
  /** Where a cursor is moved to; without it, the form's button moves them. */
  readonly onMove?: (cursors: Cursors) => void;
}

const width = 1200;
const height = 400;
const gridLines = [0.25, 0.5, 0.75];

export function SpectrumPlot({ extent, levels, unit, place, cursors, onMove }: SpectrumPlotProps) {
  const { path, low, high } = draw(levels, extent.length, width, height);
  const last = extent.length - 1;
  const at = (nm: number) => {
    const index = indexAt(extent, nm);
    return {
      index,
      nm: wavelengthAt(extent, index),
      level: levels[index],
      x: width * index / Math.max(1, last),
    };
  };
  const points = { a: at(cursors.a), b: at(cursors.b) };
  const { a, b } = points;
  const difference = (b.level ?? NaN) - (a.level ?? NaN);
  const stopNm = wavelengthAt(extent, last);
  return (
    <figure class="plot">
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
        <path class="cursor" d={`M${a.x} 0V${height}`} />
        <path class="cursor b" d={`M${b.x} 0V${height}`} />
      </svg>
      <p class="axis" aria-hidden="true">
        {[0, 0.25, 0.5, 0.75, 1].map((part) => (
          <span key={part}>{wavelengthAt(extent, part * last).toFixed(2)} nm</span>
        ))}
      </p>
      <p class="quiet">
        Lowest {formatLevel(low)} {unit}, highest {formatLevel(high)} {unit}; {extent.length} points,{" "}
        {extent.samplingPm} pm apart.
      </p>
      <form method="get" action="/sweep" class="box">
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
              value={points[name].nm}
              aria-valuetext={`${points[name].nm.toFixed(3)} nm, ${formatLevel(points[name].level)} ${unit}`}
              {...onMove && {
                onInput: (event: { readonly currentTarget: HTMLInputElement }) =>
                  onMove({ ...cursors, [name]: Number(event.currentTarget.value) }),
              }}
            />
            <output for={`cursor-${name}`}>
              {points[name].nm.toFixed(3)} nm: {formatLevel(points[name].level)} {unit}
            </output>
          </div>
        ))}
        <p>
          B − A: {formatLevel(b.nm - a.nm)} nm, {formatLevel(difference)} dB
        </p>
        {!onMove && <button type="submit">Move the cursors</button>}
      </form>
    </figure>
  );
}

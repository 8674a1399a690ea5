// What uplot is told: one plot of a channel, with the band between its extremes, the line of its last powers, and gaps
// hatched and named. Runs in a browser; uplot itself comes in as a parameter, because it is loaded when it is needed.

import type UPlot from "uplot";
import { formatDbm } from "./format.ts";
import { causeOf, inUnit, type PlotGap, type Series, type Unit } from "./series.ts";

const axisWidth = 64;
const axisHeight = 28;
/** Least distance of two labels of the time axis. */
const labelWidth = 80;
const hatchStep = 8;
/** A channel that hardly moves is not blown up, as in HistoryChart. */
const leastSpanDb = 0.05;

/** What a plot shows, read again each time that it is drawn. */
export interface PlotView {
  readonly series: Series;
  /** Its gaps, with one that is not over yet. */
  readonly gaps: readonly PlotGap[];
  readonly unit: Unit;
  /** Unix seconds. */
  readonly from: number;
  readonly to: number;
}

/** One channel's plot. */
export interface Plot {
  /** Draws what the view holds now. */
  draw(): void;
  /** Shows the column of this time, Unix seconds; null: none. */
  point(time: number | null): void;
  /** Gives its place in the page free. */
  close(): void;
}

/** What to make a plot of. */
export interface PlotOptions {
  readonly uplot: typeof UPlot;
  readonly place: HTMLElement;
  /** From 0. */
  readonly channel: number;
  readonly height: number;
  readonly view: () => PlotView;
  /** Plots of one group move their reading lines together. */
  readonly group: string;
  /** The reading line stands on this column. */
  readonly onPoint: (index: number | null) => void;
}

/** Makes a plot, as wide as its place, now and later. Colours are the place's own: `color` and its border's. */
export function createPlot(options: PlotOptions): Plot {
  const { uplot, place, channel, height, view, group, onPoint } = options;
  let colours = coloursOf(place);
  const font = `12px ${getComputedStyle(place).fontFamily}`;
  const axis: UPlot.Axis = {
    font,
    stroke: () => colours.text,
    grid: { stroke: () => colours.edge, width: 1 },
    ticks: { stroke: () => colours.edge, width: 1, size: 4 },
  };
  const plot: UPlot = new uplot(
    {
      width: place.clientWidth,
      height,
      legend: { show: false },
      tzDate: (seconds) => uplot.tzDate(new Date(seconds * 1000), "UTC"),
      cursor: { y: false, drag: { x: false, y: false }, sync: { key: group }, points: { size: 7 } },
      scales: {
        x: { range: () => [view().from, view().to] },
        y: { range: (_, low, high) => padded(low, high, view().unit) },
      },
      axes: [
        { ...axis, size: axisHeight, space: labelWidth, values: (_, times) => times.map(label) },
        {
          ...axis,
          size: axisWidth,
          values: (_, powers, __, ___, step) => powers.map((power) => axisText(power, step)),
        },
      ],
      series: [
        {},
        { points: { show: false } },
        { points: { show: false } },
        { stroke: () => colours.line, width: 1.5, points: { show: false } },
      ],
      bands: [{ series: [1, 2], fill: () => colours.band }],
      hooks: {
        drawAxes: [(drawn) => hatch(drawn, view().gaps, colours)],
        setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)],
      },
    },
    plotData(view(), channel),
    place,
  );
  const resized = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height }));
  resized.observe(place);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const recolour = () => {
    colours = coloursOf(place);
    plot.redraw();
  };
  dark.addEventListener("change", recolour);

  /** Seconds are said where they can differ. */
  function label(timeS: number): string {
    const { from, to } = view();
    return new Date(timeS * 1000).toISOString().slice(11, to - from > 1800 ? 16 : 19);
  }

  return {
    draw: () => plot.setData(plotData(view(), channel)),
    point(time) {
      const left = time === null ? -10 : plot.valToPos(time, "x");
      plot.setCursor({ left, top: height / 2 });
    },
    close() {
      dark.removeEventListener("change", recolour);
      resized.disconnect();
      plot.destroy();
    },
  };
}

/** Times, greatest, least and last powers; an empty column stands in every gap, and opens the line. */
export function plotData({ series, gaps, unit }: PlotView, channel: number): UPlot.AlignedData {
  const trace = series.traces[channel];
  const shown = (dbm: number | null = null) => dbm === null ? null : inUnit(dbm, unit);
  const [times, greatest, least, last]: [number[], Powers, Powers, Powers] = [[], [], [], []];
  let nextGap = 0;
  for (const [index, time] of series.time.entries()) {
    for (let gap = gaps[nextGap]; gap && gap.from < time; gap = gaps[++nextGap]) {
      times.push((Math.max(gap.from, times.at(-1) ?? 0) + Math.min(gap.to, time)) / 2);
      for (const powers of [greatest, least, last]) powers.push(null);
    }
    times.push(time);
    greatest.push(shown(trace?.max[index]));
    least.push(shown(trace?.min[index]));
    last.push(shown(trace?.last[index]));
  }
  return [times, greatest, least, last];
}

type Powers = (number | null)[];

function padded(low: number | null, high: number | null, unit: Unit): [number, number] {
  if (low === null || high === null || !Number.isFinite(low + high)) return [0, 1];
  const span = Math.max(high - low, unit === "dBm" ? leastSpanDb : Math.abs(high) * leastSpanDb / 4, 1e-12);
  const middle = (high + low) / 2;
  return [middle - span * 0.55, middle + span * 0.55];
}

function axisText(power: number, step: number): string {
  const decimals = Math.min(9, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
  const text = decimals > 5 ? power.toExponential(1) : power.toFixed(decimals);
  return text.replace("-", "\u2212");
}

interface Colours {
  readonly line: string;
  readonly band: string;
  readonly edge: string;
  readonly text: string;
}

function coloursOf(place: HTMLElement): Colours {
  const { color, borderTopColor } = getComputedStyle(place);
  const text = place.parentElement === null ? color : getComputedStyle(place.parentElement).color;
  return { line: color, band: `color-mix(in srgb, ${color} 25%, transparent)`, edge: borderTopColor, text };
}

/** Diagonal lines over every gap, and its name where there is room. */
function hatch({ ctx, bbox, valToPos }: UPlot, gaps: readonly PlotGap[], { edge, text }: Colours): void {
  const { left, top, width, height } = bbox;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  for (const gap of gaps) {
    const from = Math.max(left, valToPos(gap.from, "x", true));
    const to = Math.max(from + scale, Math.min(left + width, valToPos(gap.to, "x", true)));
    if (to < left || from > left + width) continue;
    ctx.save();
    ctx.beginPath();
    ctx.rect(from, top, to - from, height);
    ctx.clip();
    ctx.strokeStyle = edge;
    ctx.lineWidth = 1.5 * scale;
    ctx.beginPath();
    for (let x = from - height; x < to; x += hatchStep * scale) {
      ctx.moveTo(x, top + height);
      ctx.lineTo(x + height, top);
    }
    ctx.stroke();
    ctx.fillStyle = text;
    ctx.font = `${12 * scale}px system-ui, sans-serif`;
    const name = causeOf(gap);
    if (ctx.measureText(name).width < to - from - 8 * scale) {
      ctx.textAlign = "center";
      ctx.fillText(name, (from + to) / 2, top + 16 * scale);
    }
    ctx.restore();
  }
  ctx.restore();
}

/** A power as the reading line says it. */
export function formatPoint(series: Series, channel: number, at: number, unit: Unit): string {
  const power = series.traces[channel]?.last[at] ?? null;
  return power === null ? "no number" : `${formatDbm(power, unit)} ${unit}`;
}

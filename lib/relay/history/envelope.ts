// `GET /api/v1/history`: a stretch of a module's history as columns with each channel's extremes, and the gaps between
// them by name. Works off summaries where they are fine enough and lets others have their turn between slices.

import { channels, type Envelope, type EnvelopeTrace, formatCursor, type Gap } from "../../protocol/mod.ts";
import { blockSize, type ColumnPart, type ColumnRange, type Silence, silenceS } from "./blocks.ts";
import type { History } from "./history.ts";
import type { Keeper } from "./keeper.ts";
import type { Outage } from "./outages.ts";
import { toDbm } from "../units.ts";

/** What is asked for: from `from` to before `to`, Unix seconds, in so many columns. */
export interface EnvelopeQuery {
  /** 1 to 20. */
  readonly module: number;
  /** Unix seconds, included. */
  readonly from: number;
  /** Unix seconds, not included. */
  readonly to: number;
  /** How many, at most. */
  readonly columns: number;
}

/** Blocks that are read row by row in one go: some 4,000 readings, a few milliseconds. */
const blocksAtOnce = 32;
const numbers = [1, 2, 3, 4] as const;

interface Column {
  seq: number;
  readonly min: (number | null)[];
  readonly max: (number | null)[];
  last: (number | null)[];
}

/** Draws up an envelope, in slices between which other work is done. */
export async function envelopeOf(keeper: Keeper, query: EnvelopeQuery): Promise<Envelope> {
  const { module, from, to } = query;
  const range: ColumnRange = { module, from, to, width: (to - from) / query.columns };
  const columns = new Map<number, Column>();
  const { epoch, extent } = keeper.use((history) => ({
    epoch: history.epoch,
    extent: history.extent(module),
  }));
  const empty = { ...query, column_s: range.width, unit: "dBm", cursor: null } as const;
  if (extent === null) return finish(empty, columns, []);
  /** Looks into the history, unless another has taken its place meanwhile: then there is nothing more to find. */
  const look = <T>(what: (history: History) => readonly T[]) =>
    keeper.use((history) => history.epoch === epoch ? what(history) : []);

  while (look((history) => [history.blocks.build(module, extent)])[0]) await othersTurn();
  const [tail = extent.last] = look((history) => [history.blocks.unsummed(module)]);
  for (const part of look((history) => history.blocks.narrow(range))) merge(columns, part, query.columns);
  for (const part of look((history) => history.blocks.rows(range, tail, extent.last))) {
    merge(columns, part, query.columns);
  }
  const wide = look((history) => history.blocks.wide(range));
  for (let done = 0; done < wide.length; done += blocksAtOnce) {
    await othersTurn();
    for (const [first, last] of runs(wide.slice(done, done + blocksAtOnce))) {
      const parts = look((history) =>
        history.blocks.rows(range, first * blockSize, (last + 1) * blockSize - 1)
      );
      for (const part of parts) merge(columns, part, query.columns);
    }
  }
  const gaps = look((history) => gapsOf(history, range, columns, extent.last));
  return finish({ ...empty, cursor: formatCursor({ epoch, seq: extent.last }) }, columns, gaps);
}

/** The answer of the endpoint. */
export function envelopeResponse(envelope: Envelope): Response {
  return Response.json(envelope, { headers: { "cache-control": "no-store" } });
}

/** Lets whatever waits be done first. */
export function othersTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Numbers in descending order as stretches without a hole. */
function runs(blocks: readonly number[]): [first: number, last: number][] {
  const found: [number, number][] = [];
  for (const block of blocks) {
    const run = found.at(-1);
    if (run && run[0] === block + 1) run[0] = block;
    else found.push([block, block]);
  }
  return found;
}

function merge(columns: Map<number, Column>, part: ColumnPart, count: number): void {
  // the last column's upper edge, where rounding has its way
  const at = Math.min(part.at, count - 1);
  const unit = (power: number | null) => power !== null && part.milliwatt ? toDbm(power) : power;
  const known = columns.get(at);
  const column = known ?? { seq: 0, min: [], max: [], last: [] };
  if (!known) columns.set(at, column);
  for (const [index, n] of numbers.entries()) {
    column.min[index] = extreme(Math.min, column.min[index], unit(part[`min${n}`]));
    column.max[index] = extreme(Math.max, column.max[index], unit(part[`max${n}`]));
  }
  if (part.last_seq < column.seq) return;
  column.seq = part.last_seq;
  column.last = numbers.map((n) => unit(part[`last${n}`]));
}

function extreme(
  pick: (a: number, b: number) => number,
  a: number | null | undefined,
  b: number | null,
): number | null {
  return typeof a === "number" && b !== null ? pick(a, b) : a ?? b;
}

function gapsOf(history: History, range: ColumnRange, columns: Map<number, Column>, last: number): Gap[] {
  const { module, from, to, width } = range;
  const times = [...columns.keys()].sort((a, b) => a - b).map((at) => from + at * width);
  const outages = history.outages.between(module, from - silenceS, to);
  const silences = history.blocks.silences(range, last)
    // what came late, out of a spool, has filled the silence that it once was
    .filter((silence) => !times.some((time) => time > silence.from && time + width < silence.to));
  const [first] = times;
  if (first === undefined) {
    const [newest] = history.newest(module, 1);
    const reason = newest && newest.timestamp < from ? named({ from, to }, outages) : expired({ from, to });
    return [reason];
  }
  const [oldest] = history.after(module, 0, 1);
  const before: Gap[] = [];
  if (oldest && oldest.timestamp - from > silenceS) before.push(expired({ from, to: oldest.timestamp }));
  else if (first - from > silenceS + width && silences.every((silence) => silence.from > first)) {
    before.push(named({ from, to: first }, outages));
  }
  const [newest] = history.newest(module, 1);
  const end = newest && newest.timestamp < to && to - newest.timestamp > silenceS
    ? [{ from: newest.timestamp, to }]
    : [];
  return [...before, ...together([...silences, ...end], width).map((silence) => named(silence, outages))];
}

/** Silences with less than a column between them are one. */
function together(silences: readonly Silence[], width: number): Silence[] {
  const found: Silence[] = [];
  for (const silence of silences.toSorted((a, b) => a.from - b.from)) {
    const before = found.at(-1);
    if (before && silence.from - before.to < width) {
      found.splice(-1, 1, { from: before.from, to: Math.max(before.to, silence.to) });
    } else found.push(silence);
  }
  return found;
}

/** A silence with the name of what was wrong for the most of it. */
function named(silence: Silence, outages: readonly Outage[]): Gap {
  const overlap = ({ since, until }: Outage) => Math.min(until, silence.to) - Math.max(since, silence.from);
  const [cause] = outages.filter((outage) => overlap(outage) > 0)
    .toSorted((a, b) => overlap(b) - overlap(a));
  return cause
    ? { ...silence, reason: cause.source, message: cause.message }
    : { ...silence, reason: "unknown", message: "Nothing was recorded, and nobody said why." };
}

function expired(silence: Silence): Gap {
  return { ...silence, reason: "expired", message: "The history holds nothing as old as this." };
}

function finish(
  { module, from, to, column_s, unit, cursor }: Pick<
    Envelope,
    "module" | "from" | "to" | "column_s" | "unit" | "cursor"
  >,
  columns: ReadonlyMap<number, Column>,
  gaps: readonly Gap[],
): Envelope {
  const sorted = [...columns].sort(([a], [b]) => a - b);
  const traceOf = (index: number): EnvelopeTrace => ({
    min: sorted.map(([, { min }]) => rounded(min[index])),
    max: sorted.map(([, { max }]) => rounded(max[index])),
    last: sorted.map(([, { last }]) => rounded(last[index])),
  });
  const [ch1, ch2, ch3, ch4] = channels.map((_, index) => traceOf(index));
  const none: EnvelopeTrace = { min: [], max: [], last: [] };
  return {
    module,
    from,
    to,
    column_s,
    unit,
    time: sorted.map(([at]) => Math.round((from + at * column_s) * 1000) / 1000),
    ch1: ch1 ?? none,
    ch2: ch2 ?? none,
    ch3: ch3 ?? none,
    ch4: ch4 ?? none,
    gaps: [...gaps],
    cursor,
  };
}

/** To a tenth of the last digit that a page shows. */
function rounded(power: number | null | undefined): number | null {
  return typeof power === "number" ? Math.round(power * 1000) / 1000 : null;
}

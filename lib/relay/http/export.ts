// `GET /api/v1/history.csv`: the readings of a stretch as RFC 4180, streamed as fast as the client reads.

import { channels, type Data, parseCursor } from "../../protocol/mod.ts";
import type { ColumnRange } from "../history/blocks.ts";
import { othersTurn } from "../history/envelope.ts";
import type { Keeper } from "../history/keeper.ts";

const rowsAtOnce = 500;
const heading = ["time", "timestamp_s", "module", "wavelength_nm", "unit"]
  .concat(
    channels.map((channel) => `${channel}_power`),
    channels.map((channel) => `${channel}_flag`),
    "cursor",
  );

/** What is exported: from `from` to before `to`, Unix seconds. */
export type ExportQuery = Omit<ColumnRange, "width">;

/** The readings in their order, a line each. An unread stream holds no resource. */
export function exportResponse(keeper: Keeper, query: ExportQuery): Response {
  const { module, from, to } = query;
  const { epoch, first, last } = keeper.use((history) => {
    const extent = history.extent(module) ?? { first: 1, last: 0 };
    const tail = history.blocks.unsummed(module);
    const bounds = history.blocks.bounds(query);
    return { epoch: history.epoch, first: bounds?.first ?? Math.max(extent.first, tail), last: extent.last };
  });
  const encoder = new TextEncoder();
  let at = first - 1;
  const lines = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(line(heading))),
    async pull(controller) {
      // A chunk without a byte would end the answer, so whatever has no line in it is passed over here.
      for (let wanted: Data[] = []; wanted.length === 0;) {
        const readings = keeper.use((history) => {
          // A file that ended here as if it were whole would be kept as such.
          if (history.epoch !== epoch) throw new Error("The history was replaced during an export.");
          return at < last ? history.after(module, at, rowsAtOnce) : [];
        });
        if (readings.length === 0) return controller.close();
        // What was pruned meanwhile leaves a hole in the numbers.
        at = parseCursor(readings.at(-1)?.cursor ?? "")?.seq ?? last;
        wanted = readings.filter(({ timestamp }) => timestamp >= from && timestamp < to);
        if (wanted.length > 0) {
          controller.enqueue(encoder.encode(wanted.map((reading) => line(cells(reading))).join("")));
        } else await othersTurn();
      }
    },
  });
  return new Response(lines, {
    headers: {
      "content-type": "text/csv; charset=utf-8; header=present",
      "content-disposition": `attachment; filename="module-${module}_${fileTime(from)}_${fileTime(to)}.csv"`,
      "cache-control": "no-store",
    },
  });
}

function cells(reading: Data): readonly (string | number)[] {
  const { timestamp, module, wavelength_nm, unit, flags, cursor } = reading;
  return [
    new Date(timestamp * 1000).toISOString(),
    timestamp,
    module,
    wavelength_nm,
    unit,
    ...channels.map((channel) => reading[`${channel}_power`] ?? ""),
    ...channels.map((channel) => flags?.[channel] ?? ""),
    cursor,
  ];
}

/** No cell of ours has a comma, a quote or a line break in it. */
function line(values: readonly (string | number)[]): string {
  return values.join(",") + "\r\n";
}

function fileTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replaceAll(":", "-") + "Z";
}

// What the paths that are not in resources.ts take in their queries, and what they answer.

import { z } from "zod";
import {
  activity,
  commands,
  isoTime,
  laserState,
  station,
  sweepProgress,
  traceName,
} from "../../protocol/mod.ts";
import { stationQuery } from "./mount.ts";
import { detectorQuery } from "./resources.ts";

/** Those without parameters of their own. */
export const justStation = z.strictObject(stationQuery);
/** `detector/trace/metadata` and `binary` */
export const traceQuery = z.strictObject({
  ...stationQuery,
  ...detectorQuery,
  trace: traceName.default("transmission"),
});
/** `detector/trace/data` */
export const dataQuery = traceQuery.extend({
  format: z.enum(["json", "csv"], "is none of json, csv").default("json"),
});

/** Which lasers of all stations shine, in words; empty: none. */
const lit = z.string();

/** `rlaser` */
export const lasersAnswer = z.strictObject({
  station,
  lasers: z.array(laserState).nullable(),
  current: z.boolean(),
  sweeping: z.boolean(),
  heard_at: isoTime,
  lit,
});
/** `measurement/sweep/status` */
export const sweepAnswer = sweepProgress.shape.data.extend({
  station,
  activities: z.array(activity).nullable(),
  lit,
});
/** `measurement/status/referencing` */
export const referencingAnswer = z.strictObject({ referencing: z.boolean() });

const { params: place, value: extent } = commands["trace.extent"];

/** `detector/trace/metadata` */
export const extentAnswer = z.strictObject({ station, ...place.shape, ...extent.shape });
/** `detector/trace/data`; a level that is no number is null. */
export const dataAnswer = extentAnswer.extend({
  unit: z.enum(["dB", "dBm"]),
  levels: z.array(z.number().nullable()),
});
/** `detector/trace/binary`: an array knows nothing of wavelengths. */
export const binaryHeaders = z.strictObject({
  "trace-start-nm": extent.shape.start_nm,
  "trace-sampling-pm": extent.shape.sampling_pm,
  "trace-length": extent.shape.length,
});

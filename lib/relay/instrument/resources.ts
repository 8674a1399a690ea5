// The paths of the instrument, as data: which command reads each, which one changes it, and which of the command's
// fields stand under it.

import type { z } from "zod";
import { channelNumber, type CommandName, tlsNumber } from "../../protocol/mod.ts";
import { moduleParameter, wholeNumber } from "../http/query.ts";

/** One path below `/api/v1/`. `:tls` and `:laser` stand for numbers. */
export interface Resource {
  readonly path: string;
  /** Parameters of the query. */
  readonly query: Readonly<Record<string, z.ZodType<number>>>;
  /** GET. Reading that changes something (it empties a queue) is for operators. */
  readonly read?: {
    readonly command: CommandName;
    readonly fields?: readonly string[];
    readonly changes?: true;
  };
  /** POST and PUT, with a body of these fields, at least one; `fixed`: without a body. */
  readonly write?: {
    readonly command: CommandName;
    readonly fields?: readonly string[];
    readonly fixed?: Readonly<Record<string, unknown>>;
    /** Whether a body may be left out. */
    readonly bare?: true;
  };
}

const noQuery = {};
/** Which channel of which module. */
export const detectorQuery = {
  module: moduleParameter,
  channel: wholeNumber.pipe(channelNumber).default(1),
};
const tlsQuery = { tls: wholeNumber.pipe(tlsNumber).default(1) };

const detectorFields = ["power_unit", "spectral_unit", "wavelength_nm", "trigger"];
const stabilizationFields = ["laser_stays_on", "stabilization_s"];
const tlsFields = ["start_nm", "stop_nm", "speed_nm_s", "power", "unit", "trigger"];
const laserFields = ["on", "wavelength_nm", "power", "unit"];
const sweepFields = ["start_nm", "stop_nm", "speed_nm_s", "sampling_pm"];

/** All of them. Traces and what the relay knows by itself have paths of their own in api.ts. */
export const resources: readonly Resource[] = [
  { path: "connection/status", query: noQuery, read: { command: "connection.status" } },
  { path: "connection/connect", query: noQuery, write: { command: "connection.connect", bare: true } },
  { path: "connection/disconnect", query: noQuery, write: { command: "connection.disconnect", bare: true } },
  { path: "connection/condition", query: noQuery, read: { command: "condition.get" } },
  {
    path: "connection/check_errors",
    query: noQuery,
    read: { command: "errors.take", changes: true },
    write: { command: "errors.take", bare: true },
  },

  settings("detector/config", detectorQuery, "detector", detectorFields),
  settings("detector/wavelength", detectorQuery, "detector", ["wavelength_nm"]),
  settings("detector/stabilization", noQuery, "sweep", stabilizationFields),
  {
    path: "detector/reference",
    query: detectorQuery,
    read: { command: "reference.get" },
    write: { command: "reference.start", bare: true },
  },
  { path: "detector/reference/result", query: detectorQuery, read: { command: "reference.get" } },

  settings("tls/:tls/config", noQuery, "tls", tlsFields),
  settings("tls/:tls/wavelength", noQuery, "tls", ["start_nm", "stop_nm"]),
  settings("tls/:tls/power", noQuery, "tls", ["power", "unit"]),
  settings("tls/:tls/speed", noQuery, "tls", ["speed_nm_s"]),
  settings("tls/:tls/trigger", noQuery, "tls", ["trigger"]),

  settings("rlaser/:laser/config", noQuery, "rlaser", laserFields),
  { path: "rlaser/:laser/id", query: noQuery, read: { command: "rlaser.get", fields: ["identity"] } },
  settings("rlaser/:laser/power", noQuery, "rlaser", ["power", "unit"]),
  settings("rlaser/:laser/wavelength", noQuery, "rlaser", ["wavelength_nm"]),
  settings("rlaser/:laser/state", noQuery, "rlaser", ["on"]),
  {
    path: "rlaser/:laser/on",
    query: noQuery,
    write: { command: "rlaser.set", fixed: { on: true }, bare: true },
  },
  {
    path: "rlaser/:laser/off",
    query: noQuery,
    write: { command: "rlaser.set", fixed: { on: false }, bare: true },
  },

  {
    path: "measurement/sweep/start",
    query: noQuery,
    write: { command: "sweep.start", fields: sweepFields, bare: true },
  },
  { path: "measurement/sweep/abort", query: noQuery, write: { command: "sweep.abort", bare: true } },
  settings("measurement/sweep/wavelengths", tlsQuery, "tls", ["start_nm", "stop_nm"]),
  settings("measurement/config", noQuery, "sweep", ["sampling_pm", ...stabilizationFields]),
];

function settings(
  path: string,
  query: Resource["query"],
  part: "detector" | "tls" | "rlaser" | "sweep",
  fields: readonly string[],
): Resource {
  return {
    path,
    query,
    read: { command: `${part}.get`, fields },
    write: { command: `${part}.set`, fields },
  };
}

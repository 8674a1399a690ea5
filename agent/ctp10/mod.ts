/** The CTP10, typed: presence, power, detectors, lasers, sweeps, references and traces, over one conversation. */
export type { Flag } from "../../lib/protocol/mod.ts";
export type { Block } from "../answer.ts";
export { Ctp10, identityPattern, type Presence } from "./ctp10.ts";
export { type Detector, type DetectorSettings } from "./detector.ts";
export {
  type ReferenceLaser,
  type ReferenceLaserSettings,
  type ReferenceLaserState,
  type TunableLaser,
  type TunableLaserSettings,
  type TunableLaserState,
} from "./lasers.ts";
export { type ChannelPower, dbmOf, type ModulePower, type PowerUnit } from "./power.ts";
export {
  activities,
  type Activity,
  type Reference,
  type Stabilization,
  type Sweep,
  type SweepSettings,
} from "./sweep.ts";
export { type Trace, type TraceExtent, type TraceType, traceTypes } from "./trace.ts";
export type { PowerSetting } from "./values.ts";

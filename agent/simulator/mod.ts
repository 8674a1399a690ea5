/**
 * A simulated EXFO CTP10 on a pseudo-terminal, and on TCP where asked: for development, for tests, and for whoever has no
 * instrument at hand. It can be made to misbehave.
 * @module
 */
export { type Simulator, type SimulatorOptions, startSimulator } from "./simulator.ts";
export { type ControlAddress, formatMeter, parseControlAddress, type TcpAddress } from "./address.ts";
export { type Clock, systemClock } from "./clock.ts";
export { FaultSyntaxError } from "./faults/fault.ts";
export type { LogFields, Logger } from "../../lib/process/mod.ts";

// The status registers and the error queue (IEEE 488.2 section 11, SCPI-99 volume 1 chapter 9).

import { eventStatusBit, type ScpiErrorCode } from "../../lib/scpi/mod.ts";
import type { InstrumentState } from "./state.ts";

/** Bits of `:STATus:OPERation:CONDition?` that this simulation sets. */
const operationBits = { scanning: 4, aborting: 16, referencing: 64 } as const;

const errorQueueLength = 30;
const statusBits = { errorQueue: 4, eventSummary: 32, requestService: 64, operationSummary: 128 } as const;

/** The operation condition register: what the instrument is doing. */
export function operationCondition({ scan, abortingUntilMs }: InstrumentState, nowMs: number): number {
  const scanning = scan === undefined ? 0 : scanBit(scan.type);
  return scanning | (nowMs < abortingUntilMs ? operationBits.aborting : 0);
}

/** The bit of a scan's kind. */
export function scanBit(type: "sweep" | "reference"): number {
  return type === "sweep" ? operationBits.scanning : operationBits.referencing;
}

/** The status byte, with the bit of the master summary. */
export function statusByte(state: InstrumentState): number {
  const summary = (state.errors.length > 0 ? statusBits.errorQueue : 0) |
    ((state.eventStatus & state.eventStatusEnable) !== 0 ? statusBits.eventSummary : 0) |
    ((state.operationEvent & state.operationEnable) !== 0 ? statusBits.operationSummary : 0);
  return (summary & state.serviceRequestEnable) === 0 ? summary : summary | statusBits.requestService;
}

/** Puts an error into the queue and its bit into the event status register; the last place says that it is full. */
export function raise(state: InstrumentState, code: ScpiErrorCode): InstrumentState {
  const { errors } = state;
  const kept = errors.length < errorQueueLength - 1 ? [...errors, code] : [
    ...errors.slice(0, errorQueueLength - 1),
    errors.length === errorQueueLength - 1 ? code : -350 as const,
  ];
  return { ...state, errors: kept, eventStatus: state.eventStatus | eventStatusBit(code) };
}

/** `*CLS`: errors and events are gone, the enable registers stay. */
export function clearStatus(state: InstrumentState): InstrumentState {
  return { ...state, errors: [], eventStatus: 0, operationEvent: 0, completionAsked: false };
}

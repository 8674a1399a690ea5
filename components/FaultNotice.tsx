// What is wrong with a module's stream: which part, since when, and in its own words.

import type { Fault, FaultSource } from "../lib/protocol/mod.ts";
import { formatClock, formatDuration } from "./format.ts";

const sentences: Readonly<Record<FaultSource, string>> = {
  instrument: "The instrument does not answer",
  agent: "The agent is not connected",
  relay: "The relay gets no readings",
};

export interface FaultNoticeProps {
  readonly fault: Fault | null;
  /** Unix milliseconds. */
  readonly nowMs: number;
}

/** Its place stays in the page while nothing is wrong: a live region must be there before it speaks. */
export function FaultNotice({ fault, nowMs }: FaultNoticeProps) {
  const sinceMs = Date.parse(fault?.since ?? "");
  return (
    <div role="status">
      {fault && (
        <p class="notice">
          <strong>{sentences[fault.source]} since {formatClock(sinceMs)}.</strong> {fault.message}{" "}
          <span aria-hidden="true">({formatDuration(nowMs - sinceMs)})</span>
        </p>
      )}
    </div>
  );
}

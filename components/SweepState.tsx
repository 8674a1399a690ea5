// How far a sweep is: a bar, words, and the way to end it.

import type { SweepProgress } from "../lib/protocol/mod.ts";

export interface SweepStateProps {
  readonly station: string;
  readonly sweep: SweepProgress["data"];
  readonly operator: boolean;
  /** Whether it may not be so any more. */
  readonly doubtful: boolean;
}

export function SweepState({ station, sweep, operator, doubtful }: SweepStateProps) {
  const { state, percent } = sweep;
  return (
    <div class="box" data-doubtful={doubtful ? "" : undefined}>
      <h2 id="progress">Progress</h2>
      <progress max="100" value={percent} aria-labelledby="progress">{percent} %</progress>
      <p>{words(sweep)}</p>
      {/* Only what begins and ends is spoken, not each step. */}
      <p role="status" class="spoken">{state === "running" ? "The sweep runs." : words(sweep)}</p>
      {operator && state === "running" && (
        <form method="post" action={`/sweep?station=${station}`}>
          <button type="submit" name="action" value="abort" class="danger">Abort the sweep</button>
        </form>
      )}
    </div>
  );
}

function words({ state, wavelength_nm, percent, eta_s, started_at }: SweepProgress["data"]): string {
  const at = started_at === null ? "" : ` (begun at ${started_at.slice(11, 19)} UTC)`;
  const where = wavelength_nm === null ? "" : ` at ${wavelength_nm.toFixed(2)} nm`;
  switch (state) {
    case "idle":
      return "No sweep has been made since the agent started.";
    case "running":
      return started_at === null
        ? "Running. How far it is nobody knows: it was begun before the agent looked."
        : `Running${where}, ${percent.toFixed(0)} %, ${(eta_s ?? 0).toFixed(1)} s left${at}.`;
    case "done":
      return `Done${at}.`;
    case "aborted":
      return `Aborted${where}, ${percent.toFixed(0)} %${at}.`;
    case "unknown":
      return `It is not known how the sweep goes: it was last heard of${where}, ${
        percent.toFixed(0)
      } %${at}.`;
    case "failed":
      return `Failed${where}: the instrument went away in the middle of it${at}.`;
  }
}

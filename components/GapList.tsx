// The gaps of a plot in words, the newest first.

import { formatDuration } from "./format.ts";
import { causeOf, formatSpan, type PlotGap } from "./series.ts";

const shownAtMost = 6;

export interface GapListProps {
  readonly gaps: readonly PlotGap[];
  readonly rangeS: number;
}

export function GapList({ gaps, rangeS }: GapListProps) {
  if (gaps.length === 0) return <p class="gaps quiet">No gap in this stretch.</p>;
  const shown = gaps.slice(-shownAtMost).toReversed();
  return (
    <div class="gaps">
      <h3>Gaps</h3>
      <ul>
        {shown.map((gap) => (
          <li key={gap.from}>
            <span class="hatch" aria-hidden="true" />
            {formatSpan(gap, rangeS)}, {formatDuration((gap.to - gap.from) * 1000)}: {causeOf(gap)}
          </li>
        ))}
        {gaps.length > shown.length && <li class="quiet">and {gaps.length - shown.length} earlier ones</li>}
      </ul>
    </div>
  );
}

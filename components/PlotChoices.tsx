// What a history shows: its range and unit, as links, so that they work without JavaScript, too.

import { ranges, type Unit } from "./series.ts";

/** Where the plot stands that the server drew. */
export const stillId = "still";

export interface PlotChoicesProps {
  readonly range: string;
  readonly unit: Unit;
  /** Where there is a script: shows it at once, instead of a new page. */
  readonly choose: (range: string, unit: Unit) => (event: Event) => void;
}

export function PlotChoices({ range, unit, choose }: PlotChoicesProps) {
  return (
    <>
      <nav aria-label="Range">
        {ranges.map(({ name, words }) => (
          <a
            key={name}
            href={plotAddress(name, unit)}
            aria-current={name === range}
            onClick={choose(name, unit)}
          >
            {words}
          </a>
        ))}
      </nav>
      <nav aria-label="Unit">
        {(["dBm", "mW"] as const).map((name) => (
          <a
            key={name}
            href={plotAddress(range, name)}
            aria-current={name === unit}
            onClick={choose(range, name)}
          >
            {name}
          </a>
        ))}
      </nav>
    </>
  );
}

/** The address, on the module's page, of a range and a unit. */
export function plotAddress(range: string, unit: Unit): string {
  return `?range=${range}&unit=${unit}`;
}

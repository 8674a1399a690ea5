// The ways to the same page of the other stations, where there are several.

export interface StationLinksProps {
  /** Of the page. */
  readonly path: string;
  readonly stations: readonly string[];
  /** The one that is shown. */
  readonly station: string | null;
}

export function StationLinks({ path, stations, station }: StationLinksProps) {
  if (stations.length < 2) return null;
  return (
    <div class="choices">
      <nav aria-label="Stations">
        {stations.map((name) => (
          <a key={name} href={`${path}?station=${name}`} aria-current={name === station}>{name}</a>
        ))}
      </nav>
    </div>
  );
}

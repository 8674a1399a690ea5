// A page of readings as `GET /api/v1/readings` answers it.

import type { Data, Fault, Missing } from "../../../lib/protocol/mod.ts";

/** The answer to a poll. */
export function page(
  readings: readonly Data[],
  rest: { cursor?: string | null; missing?: Missing; fault?: Fault } = {},
): Response {
  return Response.json({ readings, cursor: readings.at(-1)?.cursor ?? null, ...rest });
}

/** The sequence number that a poll or an upgrade asks to go on from; 0 where it names none. */
export function sinceOf(url: URL): number {
  return Number(url.searchParams.get("since")?.split("-")[1] ?? 0);
}

// `/health` (this process answers) and `/ready` (every part works), one line for each part.

/** One part of the system. */
export interface Part {
  readonly name: "relay" | "history" | "agent" | "instrument";
  readonly ready: boolean;
  readonly words: string;
}

/** All parts. */
export type Readiness = readonly Part[];

/** Liveness: 200 as long as the process answers. */
export function answerHealth(): Response {
  return Response.json({ status: "ok" }, { headers: { "cache-control": "no-store" } });
}

/** Readiness: 503 unless every part is ready. */
export function answerReady(parts: Readiness): Response {
  const lines = parts.map(({ name, ready, words }) => `${name}: ${ready ? "ready" : "not ready"}, ${words}`);
  return new Response(lines.join("\n") + "\n", {
    status: parts.every((part) => part.ready) ? 200 : 503,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });
}

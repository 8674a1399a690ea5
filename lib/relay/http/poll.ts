// `GET /api/v1/readings` and the snapshot: the same readings and the same cursor as the socket, for whoever has none.

import { formatCursor, type ReadingsPage } from "../../protocol/mod.ts";
import type { z } from "zod";
import type { Keeper } from "../history/keeper.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { problemResponse } from "./problems.ts";
import { sizedResponse } from "./sized.ts";
import type { readingsQuery } from "./query.ts";
import { resume } from "../history/resume.ts";
import type { Stream } from "../fanout/stream.ts";

/** What a poll asks for. */
export type PollQuery = z.output<typeof readingsQuery>;

/** What polls need of the relay. */
export interface PollContext {
  readonly keeper: Keeper;
  readonly metrics: Metrics;
  /** Aborted when the relay drains or closes: held polls are answered then. */
  readonly closing: AbortSignal;
  /** Which lasers shine, in words; null: nobody knows. */
  readonly lit: () => string | null;
  /** A place among what this address has open, to be given back; null: it has as much as it may have. */
  readonly seat: () => (() => void) | null;
  /** Settles when the client has the answer, or is gone. */
  readonly completed: Promise<void>;
  /** For how long its token lasts; Infinity where none is needed. */
  readonly allowedMs: number;
}

/** Answers a poll, as late as `wait` allows while there is nothing new to say and the address has room for what is held. */
export async function answerPoll(
  { keeper, metrics, closing, lit, seat, completed, allowedMs }: PollContext,
  stream: Stream,
  query: PollQuery,
  ifNoneMatch: string | null,
): Promise<Response> {
  const started = performance.now();
  let page = readPage(keeper, stream, query, lit());
  const free = query.wait > 0 && page.readings.length === 0 && !page.missing ? seat() : null;
  if (free) {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), Math.min(query.wait * 1000, allowedMs));
    completed.then(() => late.abort(), () => late.abort());
    try {
      await stream.change(AbortSignal.any([late.signal, closing]));
    } finally {
      clearTimeout(timer);
      free();
    }
    if (!closing.aborted) page = readPage(keeper, stream, query, lit());
  }
  if (query.since) {
    metrics.replays.add(1, { transport: "poll" });
    metrics.replayed.add(page.readings.length, { transport: "poll" });
    if (page.missing) metrics.missing.add(1, { reason: page.missing.reason });
  }
  const response = pageResponse(page, ifNoneMatch);
  if (query.wait === 0) metrics.poll.observe((performance.now() - started) / 1000);
  return response;
}

/** The newest reading, or a problem where there is none. */
export function answerSnapshot(stream: Stream): Response {
  if (stream.newest) return Response.json(stream.newest, { headers: { "cache-control": "no-store" } });
  return problemResponse(503, {
    title: "There is no reading",
    detail: stream.fault?.message ?? `Module ${stream.module} has not been read yet.`,
    headers: { "retry-after": "1" },
  });
}

function readPage(
  keeper: Keeper,
  stream: Stream,
  { since, limit }: PollQuery,
  words: string | null,
): ReadingsPage {
  const { module, fault } = stream;
  const { readings, missing, cursor } = keeper.use((history) => {
    const { after, missing } = since ? resume(history, module, since) : { after: null, missing: null };
    const readings = after === null ? history.newest(module, limit) : history.after(module, after, limit);
    const empty = history.extent(module) === null;
    const seq = after ?? 0;
    const cursor = readings.at(-1)?.cursor ?? (empty ? null : formatCursor({ epoch: history.epoch, seq }));
    return { readings, missing, cursor };
  });
  return {
    readings,
    cursor,
    ...(missing === null ? {} : { missing }),
    ...(fault === null ? {} : { fault }),
    ...(words === null ? {} : { lasers: { words } }),
  };
}

function pageResponse(page: ReadingsPage, ifNoneMatch: string | null): Response {
  const body = JSON.stringify(page);
  // The content follows from these: a cursor names the same readings for ever.
  const first = page.readings[0]?.cursor ?? "";
  const fault = page.fault && `${page.fault.code}-${page.fault.since}-${page.fault.error_count}`;
  const tag = `"${first}:${page.cursor ?? ""}:${page.missing?.from ?? ""}:${fault ?? ""}:${
    page.lasers ? `=${encodeURIComponent(page.lasers.words)}` : ""
  }"`;
  const headers = { etag: tag, "cache-control": "no-store" };
  if (ifNoneMatch?.split(",").some((part) => part.trim().replace(/^W\//, "") === tag)) {
    return new Response(null, { status: 304, headers });
  }
  return sizedResponse(body, { headers: { ...headers, "content-type": "application/json" } });
}

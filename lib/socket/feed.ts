// One module's readings, in order, each once, whether the socket brought them or a poll: both speak of one cursor.
// It knows the messages of protocol.md, and nothing of timers, backoff or sockets: those are the machine's and the shell's.

import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { Data, Fault, Missing } from "../protocol/mod.ts";
import { type Cursor, formatCursor, parseCursor } from "../protocol/browser.ts";
import { isData, isFault, isFields, isMissing } from "./guards.ts";
import type { Message, PollRequest, Socket, SocketLike, SocketOptions } from "./door.ts";
import { createSocket } from "./socket.ts";
import type { SharedStream } from "./tabs.ts";

/** What a feed is made of. Only `module` is needed in a browser. */
export interface FeedOptions
  extends
    Pick<SocketOptions, "enabled" | "connect" | "policy" | "record" | "page" | "now" | "random" | "timer"> {
  /** The detector module, 1 to 20. */
  readonly module: number;
  /** At most one reading per so many seconds on the socket, 0.01 to 10. Default 0.1. */
  readonly intervalSeconds?: number;
  /** The cursor to go on from: everything after it comes. Null or none: begins with what comes next. */
  readonly since?: string | null;
  /** Where the relay's API is (http: or https:). Default: the page's own address. */
  readonly base?: string;
  /** A viewer's token, asked for before each attempt and each poll, and sent as `token`; a page with a cookie needs none. */
  readonly token?: () => string | Promise<string>;
  /** Hears which lasers shine, in words; none: there is no light. */
  readonly onLit?: (words: string) => void;
  /** Shares the socket with other feeds of the same stream: `sharedSocket`. */
  readonly share?: (stream: SharedStream) => SocketLike;
}

/** What was counted since the feed was made. */
export interface FeedCounters {
  /** Readings delivered to listeners. */
  readonly received: number;
  /** Of these, history: what `since` brought before the feed was up to date for the first time. */
  readonly filled: number;
  /** Of these, in `replay` frames, after a cut. */
  readonly replayed: number;
  /** Of these, by polls. */
  readonly polled: number;
  /** Readings that the relay folded into the ones delivered (`conflated`). */
  readonly folded: number;
  /** Readings that the relay left out because they came faster than the interval. */
  readonly thinned: number;
  /** Readings that came again, and were dropped. */
  readonly duplicates: number;
  /** Readings that never came: the relay said that they were gone, or their sequence numbers were passed over without a word. */
  readonly missing: number;
  /** Messages, or readings in one, that were not what protocol.md says. */
  readonly malformed: number;
}

/** One module's stream. */
export interface Feed {
  /** The connection: its signals, and `connect`, `disconnect`, `reconnect`. */
  readonly socket: Socket;
  /** The newest reading. */
  readonly latest: ReadonlySignal<Data | null>;
  /** What is wrong with the stream (instrument, agent or relay), until the next reading. */
  readonly fault: ReadonlySignal<Fault | null>;
  /** The last 100 ranges that could not be filled, oldest first. */
  readonly missing: ReadonlySignal<readonly Missing[]>;
  /** See {@linkcode FeedCounters}. */
  readonly counters: ReadonlySignal<FeedCounters>;
  /** Where the feed stands: the cursor of the reading last seen. */
  cursor(): string | null;
  /** Hears every batch of new readings, oldest first; the answer ends that. */
  onReadings(listener: (readings: readonly Data[]) => void): () => void;
}

/** As many readings as one poll may bring; where there are more the feed asks again at once. */
const pageLimit = 1000;
/** A frame with fewer readings is the last of its replay. */
const replayFrameLeast = 50;
const missingLimit = 100;
/** In intervals: the relay leaves out what is not due yet, and one lost reading at the interval's own pace makes two. */
const soon = 1.9;

/** Makes a feed; nothing happens before `feed.socket.connect()`. */
export function createFeed(options: FeedOptions): Feed {
  const { module, since, intervalSeconds = 0.1 } = options;
  const latest = signal<Data | null>(null);
  const fault = signal<Fault | null>(null);
  const missing = signal<readonly Missing[]>([]);
  const tally = {
    received: 0,
    filled: 0,
    replayed: 0,
    polled: 0,
    folded: 0,
    thinned: 0,
    duplicates: 0,
    missing: 0,
    malformed: 0,
  };
  const counters = signal<FeedCounters>({ ...tally });
  const listeners = new Set<(readings: readonly Data[]) => void>();
  /** Epochs that a newer one took the place of: what is still under way from them comes too late. */
  const past = new Set<string>();
  let last = since ? parseCursor(since) : null;
  let filling = last !== null;
  /** What `fill` brought may come again in the frames that waited for it. */
  let filled: Cursor | null = null;
  const { share, connect } = options;
  const socketAddress = async () =>
    (await address("ws/v2/power", `interval=${intervalSeconds}`)).replace("http", "ws");

  const socket = createSocket({
    ...options,
    url: socketAddress,
    ...share && (connect || typeof WebSocket !== "undefined") && {
      connect: () =>
        share({
          name: `lightline power/${module} ${intervalSeconds}`,
          address: socketAddress,
          fill,
          open: connect ?? ((url) => new WebSocket(url)),
        }),
    },
    onMessage: hear,
    poll,
  });

  async function address(path: string, query: string): Promise<string> {
    const token = options.token ? `&token=${encodeURIComponent(await options.token())}` : "";
    const from = last ? `&since=${formatCursor(last)}` : "";
    return new URL(`/api/v1/${path}?module=${module}&${query}${token}${from}`, options.base ?? location.href)
      .href;
  }

  function move(to: Cursor): void {
    if (last && last.epoch !== to.epoch) past.add(last.epoch);
    last = to;
  }

  /** Moves on to `to`, unless that is behind. */
  function advance(to: Cursor): boolean {
    const behind = past.has(to.epoch) || last?.epoch === to.epoch && to.seq <= last.seq;
    if (!behind) move(to);
    return !behind;
  }

  /** A hole, told by whoever answered a `since`. It is news only where the feed still stands just before it. */
  function skip(hole: Missing): void {
    const from = parseCursor(hole.from);
    const to = parseCursor(hole.to);
    if (!from || !to || from.epoch !== last?.epoch || from.seq !== last.seq + 1) return;
    missing.value = [...missing.peek(), hole].slice(-missingLimit);
    if (from.epoch === to.epoch) tally.missing += Math.max(0, to.seq - last.seq);
    move(to);
  }

  /**
   * Sequence numbers that `reading` passes over are readings folded into it, or thinned out by the interval (then it comes soon
   * after the one before), or missing.
   */
  function account(reading: Data, before: Cursor | null, to: Cursor, live: boolean): void {
    const { timestamp, conflated = 1 } = reading;
    const passed = before?.epoch === to.epoch ? Math.max(0, to.seq - before.seq - conflated) : 0;
    const elapsed = timestamp - (latest.peek()?.timestamp ?? timestamp);
    tally.folded += conflated - 1;
    tally[live && elapsed < soon * intervalSeconds * conflated ? "thinned" : "missing"] += passed;
  }

  function take(readings: readonly unknown[], hole?: unknown, way?: "replayed" | "polled"): void {
    const fresh: Data[] = [];
    if (isMissing(hole)) skip(hole);
    for (const reading of readings) {
      const to = isData(reading, module) && parseCursor(reading.cursor);
      const before = last;
      if (!to) tally.malformed++;
      else if (!advance(to)) tally.duplicates += filled?.epoch === to.epoch && to.seq <= filled.seq ? 0 : 1;
      else {
        fresh.push(reading);
        account(reading, before, to, !way);
      }
    }
    const newest = fresh.at(-1);
    tally.received += fresh.length;
    if (way) tally[filling ? "filled" : way] += fresh.length;
    filling &&= readings.length >= replayFrameLeast;
    counters.value = { ...tally };
    if (!newest) return;
    fault.value = null;
    latest.value = newest;
    for (const listener of listeners) listener(fresh);
  }

  function look(lasers: unknown): void {
    if (isFields(lasers) && typeof lasers.words === "string") options.onLit?.(lasers.words);
  }

  function hear(message: Message): void {
    if (message.type === "data") take([message]);
    else if (message.type === "lasers") look(message.data);
    else if (message.type === "replay") {
      take(Array.isArray(message.readings) ? message.readings : [null], message.missing, "replayed");
    } else if (message.type === "error" && isFault(message)) fault.value = message;
  }

  async function fill(signal: AbortSignal): Promise<boolean> {
    const answered = await poll({ waitSeconds: 0, signal });
    filled = last;
    return !!answered;
  }

  async function poll({ waitSeconds, signal }: PollRequest): Promise<boolean | null> {
    for (;;) {
      const url = await address("readings", `limit=${pageLimit}&wait=${waitSeconds}`);
      const answer = await fetch(url, { signal });
      const page: unknown = await answer.json();
      if (answer.status === 401) return null;
      if (!answer.ok || !isFields(page) || !Array.isArray(page.readings)) return false;
      const before = last;
      look(page.lasers);
      take(page.readings, page.missing, "polled");
      const to = parseCursor(`${page.cursor}`);
      if (to) advance(to);
      if (socket.state.peek() !== "connected") fault.value = isFault(page.fault) ? page.fault : null;
      if (last === before || page.readings.length < pageLimit) return true;
    }
  }

  return {
    socket,
    latest,
    fault,
    missing,
    counters,
    cursor: () => last && formatCursor(last),
    onReadings(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

// How this page gets its readings, in words, colour and shape, with a button where a person can help.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { formatClock } from "../components/format.ts";
import { type Feed, pageFeeds } from "../lib/socket/mod.ts";

type BadgeState = "page" | "live" | "connecting" | "reconnecting" | "polling" | "disconnected";

/** A shape for each state, so that none is told by colour alone; 12 × 12. */
const shapes: Readonly<Record<BadgeState, string>> = {
  page: "M1 5h10v2H1z",
  live: "M6 0a6 6 0 1 0 .01 0z",
  connecting: "M6 0a6 6 0 0 0 0 12zM6 1a5 5 0 0 1 0 10v1A6 6 0 0 0 6 0z",
  reconnecting: "M6 0l6 11H0z",
  polling: "M0 0h5v12H0zM7 0h5v12H7z",
  disconnected: "M2 0l4 4 4-4 2 2-4 4 4 4-2 2-4-4-4 4-2-2 4-4-4-4z",
};

const words: Readonly<Record<Exclude<BadgeState, "page">, string>> = {
  live: "Live",
  connecting: "Connecting",
  reconnecting: "Reconnecting",
  polling: "Polling",
  disconnected: "Disconnected",
};

export default function ConnectionBadge({ renderedAtMs }: { readonly renderedAtMs: number }) {
  const nowMs = useSignal(0);
  const feed = worst(pageFeeds.value.map(([, feed]) => feed));
  const state = feed ? badgeState(feed) : "page";
  const waits = state !== "live" && state !== "page";

  useEffect(() => {
    if (!waits || !feed) return;
    const tick = () => nowMs.value = feed.socket.now();
    tick();
    const clock = setInterval(tick, 250);
    return () => clearInterval(clock);
  }, [waits, feed]);

  const retry = feed && waits ? retryWords(feed, nowMs.value) : null;
  const label = state === "page" ? `Page of ${formatClock(renderedAtMs)}` : words[state];
  return (
    <div class="connection">
      {feed && waits && (
        <p class="why">
          {state === "polling" && retry && `${retry} `}
          {feed.socket.lastError.value}
        </p>
      )}
      <p class="badge" data-state={state}>
        <svg viewBox="0 0 12 12" aria-hidden="true">
          <path d={shapes[state]} />
        </svg>
        <span>
          {label}
          {state === "reconnecting" && ` ${retry}`}
        </span>
      </p>
      <span role="status" class="spoken">{state === "page" ? "" : words[state]}</span>
      {waits && state !== "connecting" && (
        <button
          type="button"
          onClick={() => pageFeeds.value.forEach(([, feed]) => feed.socket.reconnect())}
        >
          Retry now
        </button>
      )}
    </div>
  );
}

function badgeState({ socket }: Feed): BadgeState {
  const state = socket.state.value;
  if (state === "connected") return "live";
  if (socket.polling.value) return "polling";
  return state === "idle" ? "connecting" : state;
}

/** The feed that a person should know about: the first that is not live. */
function worst(feeds: readonly Feed[]): Feed | undefined {
  return feeds.find((feed) => badgeState(feed) !== "live") ?? feeds[0];
}

function retryWords({ socket }: Feed, nowMs: number): string {
  if (socket.state.value === "disconnected") return "";
  const { attempt, maxAttempts, nextRetryAt } = socket;
  const count = `${attempt.value}/${maxAttempts}`;
  if (nextRetryAt.value === null) return `${count}, now`;
  return `${count}, in ${Math.max(0, Math.ceil((nextRetryAt.value - nowMs) / 1000))} s`;
}

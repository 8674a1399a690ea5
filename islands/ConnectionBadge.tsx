// The badge of a page's connection. A plain class with plain state, and no hooks: phones load these pages over bad lines.
// An island lives as long as its page, so nothing here has an end of its own.

import { Component } from "preact";
import { formatClock } from "../components/format.ts";
import { type Connection, defaultPolicy, pageConnection, reconnectPage } from "../lib/socket/mod.ts";

const tickMs = 250;

interface BadgeProps {
  readonly renderedAtMs: number;
}

interface BadgeState {
  /** None on the server, and while the page has no feed. */
  readonly connection?: Connection | null;
}

/** How the page gets its readings, in words, colour and shape, with a button where a person can help. */
export default class ConnectionBadge extends Component<BadgeProps, BadgeState> {
  override state: BadgeState = {};

  override componentDidMount() {
    pageConnection.subscribe((connection) => this.setState({ connection }));
    setInterval(() => this.state.connection?.nextRetryAt && this.forceUpdate(), tickMs);
  }

  override render({ renderedAtMs }: BadgeProps, { connection }: BadgeState) {
    const state = connection?.state;
    const troubled = connection && state !== "Live" && state !== "Connecting";
    const progress = connection && progressOf(connection);
    return (
      <div class="connection">
        {troubled && (
          <p class="why">
            {state === "Polling" && progress && `Reconnecting${progress}: `}
            {connection.online ? "Relay" : "Your network"} since {formatClock(connection.since)}:{" "}
            {connection.lastError}
          </p>
        )}
        <p class="badge" data-state={state}>
          {state ?? `Page of ${formatClock(renderedAtMs)}`}
          {state === "Reconnecting" && progress}
        </p>
        <span role="status" class="spoken">{state}</span>
        {troubled && (connection.loggedOut
          ? <a href={`/login?next=${encodeURIComponent(location.pathname + location.search)}`}>Log in</a>
          : <button type="button" onClick={reconnectPage}>Retry now</button>)}
      </div>
    );
  }
}

/** ` 3/10, in 4 s`; nothing where no attempt is waited for or under way. */
function progressOf({ attempt, nextRetryAt }: Connection): string {
  if (attempt === 0) return "";
  const waitMs = (nextRetryAt ?? 0) - Date.now();
  return ` ${attempt}/${defaultPolicy.maxReconnectAttempts}, ${
    waitMs > 0 ? `in ${Math.ceil(waitMs / 1000)} s` : "now"
  }`;
}

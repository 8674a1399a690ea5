// How this page gets its readings, in words, colour and shape, with a button where a person can help.

import { Component } from "preact";
import { formatClock } from "../components/format.ts";
import { type Connection, pageConnection, reconnectPage } from "../lib/socket/mod.ts";

const tickMs = 250;

/** A shape for each state, so that none is told by colour alone; 12 × 12. */
const shapes: Readonly<Record<Connection["state"], string>> = {
  Live: "M6 0a6 6 0 1 0 .01 0z",
  Connecting: "M6 0a6 6 0 0 0 0 12zM6 1a5 5 0 0 1 0 10v1A6 6 0 0 0 6 0z",
  Reconnecting: "M6 0l6 11H0z",
  Polling: "M0 0h5v12H0zM7 0h5v12H7z",
  Disconnected: "M2 0l4 4 4-4 2 2-4 4 4 4-2 2-4-4-4 4-2-2 4-4-4-4z",
};

interface Props {
  readonly renderedAtMs: number;
}

interface State {
  readonly connection: Connection | null;
}

export default class ConnectionBadge extends Component<Props, State> {
  override state: State = { connection: null };
  #leave = () => {};

  override componentDidMount() {
    const deaf = pageConnection.subscribe((connection) => this.setState({ connection }));
    // the countdown
    const clock = setInterval(() => this.state.connection?.nextRetryAt && this.forceUpdate(), tickMs);
    this.#leave = () => {
      deaf();
      clearInterval(clock);
    };
  }

  override componentWillUnmount() {
    this.#leave();
  }

  override render({ renderedAtMs }: Props, { connection }: State) {
    const state = connection?.state;
    const troubled = connection && state !== "Live" && state !== "Connecting";
    const progress = troubled && state !== "Disconnected" ? progressOf(connection) : "";
    return (
      <div class="connection">
        {troubled && (
          <p class="why">
            {state === "Polling" && progress && `Reconnecting${progress}: `}
            {connection.lastError}
          </p>
        )}
        <p class="badge" data-state={state}>
          <svg viewBox="0 0 12 12" aria-hidden="true">
            <path d={state ? shapes[state] : "M1 5h10v2H1z"} />
          </svg>
          {state ?? `Page of ${formatClock(renderedAtMs)}`}
          {state === "Reconnecting" && progress}
        </p>
        <span role="status" class="spoken">{state}</span>
        {troubled && <button type="button" onClick={reconnectPage}>Retry now</button>}
      </div>
    );
  }
}

/** ` 3/10, in 4 s`; nothing where no attempt is waited for or under way. */
function progressOf({ attempt, maxAttempts, nextRetryAt }: Connection): string {
  if (attempt === 0) return "";
  const when = nextRetryAt === null
    ? "now"
    : `in ${Math.max(0, Math.ceil((nextRetryAt - Date.now()) / 1000))} s`;
  return ` ${attempt}/${maxAttempts}, ${when}`;
}

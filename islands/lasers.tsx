// The lasers, alive: what the server rendered, kept true by asking the relay once a second. Switching stays with the forms.

import { Component } from "preact";
import { light } from "../components/lamp.ts";
import { LaserCard } from "../components/LaserCard.tsx";
import type { LaserState } from "../lib/protocol/mod.ts";

const periodMs = 1000;

const notHeard = "The instrument is not heard now: this is how its lasers were last.";

interface Props {
  readonly station: string;
  readonly lasers: readonly LaserState[];
  /** Whether `lasers` are so now. */
  readonly current: boolean;
  readonly operator: boolean;
}

interface State {
  readonly lasers: readonly LaserState[];
  /** Why `lasers` may not be true any more. */
  readonly trouble: string;
}

export default class LaserList extends Component<Props, State> {
  override state: State = { lasers: this.props.lasers, trouble: this.props.current ? "" : notHeard };

  override componentDidMount() {
    const ask = async () => {
      this.setState(await this.#ask());
      setTimeout(ask, periodMs);
    };
    setTimeout(ask, periodMs);
  }

  async #ask(): Promise<Partial<State>> {
    try {
      const response = await fetch(`/api/v1/rlaser?station=${this.props.station}`);
      const answer = await response.json();
      if (!response.ok) return { trouble: answer.detail };
      const { lasers, current, lit } = answer;
      light(lit);
      return { lasers: lasers ?? [], trouble: current ? "" : notHeard };
    } catch {
      return { trouble: "The relay does not answer: what stands here may not be true any more." };
    }
  }

  override render({ station, operator }: Props, { lasers, trouble }: State) {
    return (
      <>
        <div role="status">{trouble && <p class="notice">{trouble}</p>}</div>
        <ul class="lasers" data-doubtful={trouble ? "" : undefined}>
          {lasers.map((laser) => (
            <LaserCard key={laser.laser} station={station} laser={laser} operator={operator} />
          ))}
        </ul>
      </>
    );
  }
}

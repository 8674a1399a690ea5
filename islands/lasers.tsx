// The lasers, alive: what the server rendered, kept true by asking the relay once a second. Switching stays with the forms.

import { Component } from "preact";
import { keepAsking, type Trouble } from "../components/asking.ts";
import { LaserCard } from "../components/LaserCard.tsx";
import type { RefusedForm } from "../components/NumberField.tsx";
import { TroubleNotice } from "../components/TroubleNotice.tsx";
import type { LaserState } from "../lib/protocol/mod.ts";

const notHeard: Trouble = {
  type: "unanswered",
  words: "The instrument is not heard now: this is how its lasers were last.",
};

/** Lasers as they were heard last; null where they never were. */
interface Heard {
  readonly lasers: readonly LaserState[] | null;
  /** Whether they are so now. */
  readonly current: boolean;
}

interface Props extends Heard {
  readonly station: string;
  readonly operator: boolean;
  readonly refused: RefusedForm | null;
}

interface State {
  readonly lasers: Heard["lasers"];
  readonly trouble: Trouble | null;
}

const stateOf = ({ lasers, current }: Heard): State => ({
  lasers,
  trouble: current || lasers === null ? null : notHeard,
});

export default class LaserList extends Component<Props, State> {
  override state: State = stateOf(this.props);

  override componentDidMount() {
    keepAsking<Heard & { readonly lit: string }>(
      `/api/v1/rlaser?station=${this.props.station}`,
      (said) => this.setState(said.type === "answer" ? stateOf(said.answer) : { trouble: said }),
    );
  }

  override render({ station, operator, refused }: Props, { lasers, trouble }: State) {
    return (
      <>
        <TroubleNotice trouble={trouble} />
        {lasers
          ? (
            <ul class="lasers" data-doubtful={trouble ? "" : undefined}>
              {lasers.map((laser) => (
                <LaserCard
                  key={laser.laser}
                  station={station}
                  laser={laser}
                  operator={operator}
                  refused={refused?.entries.laser === String(laser.laser) ? refused : null}
                />
              ))}
            </ul>
          )
          : <p class="empty">Nothing is known of the lasers: the instrument has not answered yet.</p>}
      </>
    );
  }
}

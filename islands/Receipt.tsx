// The delivery receipt of an open page, and its black box for whoever has to find out what happened. It stands before every
// other island: a feed belongs to who asks for it first, and only this one has it recorded.

import { Component } from "preact";
import { light } from "../components/lamp.ts";
import {
  type BlackBox,
  createBlackBox,
  type Feed,
  pageFeed,
  type Receipt as Figures,
  receiptOf,
} from "../lib/socket/mod.ts";

const tickMs = 500;
const written = new Intl.NumberFormat("en");

interface Props {
  /** The page's modules, and where each stands. */
  readonly streams: readonly { readonly module: number; readonly cursor: string | null }[];
}

interface State {
  readonly figures: Figures | null;
  readonly copied: "" | "copied" | "refused";
  /** The black box, for copying by hand where a page may not write to the clipboard. */
  readonly text: string;
}

interface Stream {
  readonly module: number;
  readonly feed: Feed;
  readonly box: BlackBox;
}

export default class Receipt extends Component<Props, State> {
  override state: State = { figures: null, copied: "", text: "" };
  #streams: readonly Stream[] = [];

  override componentDidMount() {
    this.#streams = this.props.streams.map(({ module, cursor }) => {
      const box = createBlackBox();
      const { record } = box;
      return {
        module,
        box,
        feed: pageFeed({ module, since: cursor, intervalSeconds: 0.01, onLit: light, record }),
      };
    });
    setInterval(() => this.#count(), tickMs);
  }

  #count(): void {
    const sums = { arrived: 0, expected: 0, replayed: 0, missing: 0 };
    for (const { feed } of this.#streams) {
      const { arrived, expected, replayed, missing } = receiptOf(feed.counters.peek());
      sums.arrived += arrived;
      sums.expected += expected;
      sums.replayed += replayed;
      sums.missing += missing;
    }
    this.setState({ figures: sums });
  }

  #copy = async (): Promise<void> => {
    const boxes = this.#streams.map(({ module, box }) => ({ module, ...box.toJSON() }));
    // the player takes one recording; a page of one module has one
    const text = JSON.stringify(boxes.length === 1 ? boxes[0] : boxes, null, 1);
    try {
      await navigator.clipboard.writeText(text);
      this.setState({ copied: "copied", text: "" });
    } catch {
      // no clipboard on a plain http: page, or not for this one
      this.setState({ copied: "refused", text });
    }
  };

  override render(_: Props, { figures, copied, text }: State) {
    return (
      <div class="receipt">
        <p>
          {figures
            ? (
              <>
                <strong>
                  {written.format(figures.arrived)} of {written.format(figures.expected)} readings
                </strong>, {written.format(figures.replayed)} replayed, {written.format(figures.missing)}{" "}
                missing
              </>
            )
            : "Delivery is counted while this page is live."}
        </p>
        {figures && <button type="button" onClick={this.#copy}>Copy the black box</button>}
        <span role="status" class="quiet">
          {copied === "copied" && "Copied: the connection's last 500 events."}
          {copied === "refused" && "This browser does not let the page copy: take the text below."}
        </span>
        {text !== "" && <textarea readOnly rows={6} aria-label="The black box as JSON" value={text} />}
      </div>
    );
  }
}

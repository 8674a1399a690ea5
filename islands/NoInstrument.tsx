// Stands where an instrument will be shown: asks until one is there, and then has the page made anew.

import { Component } from "preact";

const periodMs = 1000;

interface Props {
  /** Whose instrument is waited for; null: anybody's. */
  readonly station: string | null;
}

export default class NoInstrument extends Component<Props> {
  override componentDidMount() {
    const { station } = this.props;
    const ask = async () => {
      const query = station === null ? "" : `?station=${station}`;
      const status = await fetch(`/api/v1/rlaser${query}`).then((response) => response.status, () => 503);
      // Not reload(): that would send again a form whose answer this page is.
      if (status !== 503) location.replace(location.pathname + location.search);
      else setTimeout(ask, periodMs);
    };
    setTimeout(ask, periodMs);
  }

  override render({ station }: Props) {
    return (
      <p class="empty">
        {station === null ? "No instrument answers" : `The instrument of ${station} has not answered`}: this
        page shows it as soon as it does.
      </p>
    );
  }
}

// The sweep, alive: its progress comes over a socket, a little later by asking, and its spectrum is drawn while the instrument
// hands it over. Starting and aborting stay with the forms.

import { Component } from "preact";
import { keepAsking, type Trouble } from "../components/asking.ts";
import { type Cursors, type Place, SpectrumPlot } from "../components/SpectrumPlot.tsx";
import { SweepState } from "../components/SweepState.tsx";
import { TroubleNotice } from "../components/TroubleNotice.tsx";
import { cursorNm, draw, type Drawing, type Extent, pointAt } from "../components/spectrum.ts";
import type { SweepProgress } from "../lib/protocol/mod.ts";

const retryMs = 2000;
const drawEveryMs = 150;
const bytesPerPoint = 4;
const dictionaryAt = 10;

const tornSpectrum: Trouble = {
  type: "unanswered",
  words: "The spectrum did not come whole. Load this page again to read it once more.",
};

interface Props {
  readonly station: string;
  readonly sweep: SweepProgress["data"];
  readonly place: Place;
  readonly operator: boolean;
  /** What the server has drawn; null where there is no such spectrum. */
  readonly shown: Shown | null;
}

/** What is shown of a spectrum. */
export interface Shown {
  readonly extent: Extent;
  readonly drawing: Drawing;
  readonly cursors: Cursors;
}

interface State {
  readonly sweep: SweepProgress["data"];
  readonly shown: Shown | null;
  readonly trouble: Trouble | null;
  /** Whether a spectrum has come in part, and its rest will not. */
  readonly torn: boolean;
  /** Whether a script runs here. */
  readonly alive: boolean;
}

export default class SweepPanel extends Component<Props, State> {
  override state: State = {
    sweep: this.props.sweep,
    shown: this.props.shown,
    trouble: null,
    torn: false,
    alive: false,
  };
  #read = "";
  #levels: Float32Array = new Float32Array();

  override componentDidMount() {
    this.setState({ alive: true });
    this.#listen();
    const path = `/api/v1/measurement/sweep/status?station=${this.props.station}`;
    keepAsking<SweepProgress["data"] & { readonly lit: string }>(path, (said) => {
      this.setState({ trouble: said.type === "answer" ? null : said });
      if (said.type === "answer") this.#hear(said.answer);
    });
  }

  /** Whatever the socket says comes by asking as well: it may be refused or dead, and nothing is wrong. */
  #listen() {
    if (typeof WebSocket === "undefined") return;
    const path = `/api/v1/ws/v2/sweep/progress?station=${this.props.station}`;
    const socket = new WebSocket(location.origin.replace("http", "ws") + path);
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "sweep_progress") this.#hear(message.data);
    };
    socket.onclose = () =>
      setTimeout(() => this.state.trouble?.type !== "logged_out" && this.#listen(), retryMs);
  }

  #hear(sweep: SweepProgress["data"]) {
    this.setState({ sweep });
    const name = `${sweep.started_at} ${sweep.state}`;
    if (sweep.state === "running" || name === this.#read) return;
    this.#read = name;
    if (sweep.state !== "done" && this.state.shown === null) return;
    this.#fetch();
  }

  /** Reads the spectrum and draws what has come of it now and then. */
  async #fetch() {
    const { place: { module, channel, trace }, station } = this.props;
    const query = `?module=${module}&channel=${channel}&trace=${trace}&station=${station}`;
    this.setState({ torn: false });
    try {
      const { ok, headers, body } = await fetch(`/api/v1/detector/trace/binary${query}`);
      if (!ok || body === null) return;
      const number = (name: string) => Number(headers.get(`trace-${name}`));
      const extent = {
        length: number("length"),
        startNm: number("start-nm"),
        samplingPm: number("sampling-pm"),
      };
      await this.#draw(extent, body.getReader());
    } catch {
      this.setState({ torn: true });
    }
  }

  async #draw(extent: Extent, reader: ReadableStreamDefaultReader<Uint8Array>) {
    let bytes = new Uint8Array();
    let drawnAt = -Infinity;
    for (let done = false; !done;) {
      const piece = await reader.read();
      done = piece.done;
      if (piece.value) {
        const joined = new Uint8Array(bytes.length + piece.value.length);
        joined.set(bytes);
        joined.set(piece.value, bytes.length);
        bytes = joined;
      }
      if (bytes.length > dictionaryAt && (done || performance.now() - drawnAt > drawEveryMs)) {
        drawnAt = performance.now();
        const levels = this.#levels = levelsIn(bytes);
        const at = (name: keyof Cursors, part: number) =>
          pointAt(extent, levels, cursorNm(extent, part, this.state.shown?.cursors[name].nm ?? NaN));
        const cursors = { a: at("a", 1 / 3), b: at("b", 2 / 3) };
        this.setState({ shown: { extent, drawing: draw(levels, extent.length), cursors } });
      }
    }
  }

  #move(name: keyof Cursors, nm: number) {
    const { shown } = this.state;
    if (shown === null) return;
    const point = pointAt(shown.extent, this.#levels, nm);
    this.setState({ shown: { ...shown, cursors: { ...shown.cursors, [name]: point } } });
  }

  override render({ station, operator, place }: Props, { sweep, shown, trouble, torn, alive }: State) {
    return (
      <>
        <TroubleNotice trouble={trouble ?? (torn ? tornSpectrum : null)} />
        <SweepState station={station} sweep={sweep} operator={operator} doubtful={trouble !== null} />
        {shown
          ? (
            <SpectrumPlot
              {...shown}
              station={station}
              unit={place.trace === "transmission" ? "dB" : "dBm"}
              place={place}
              {...alive && { onMove: (name: keyof Cursors, nm: number) => this.#move(name, nm) }}
            />
          )
          : (
            <p class="empty">
              {["running", "unknown"].includes(sweep.state)
                ? "The instrument hands its spectra over when the sweep has ended."
                : "There is no such spectrum yet: make a sweep."}
            </p>
          )}
      </>
    );
  }
}

/** The points after an NPY header. */
function levelsIn(npy: Uint8Array): Float32Array {
  const view = new DataView(npy.buffer, npy.byteOffset, npy.byteLength);
  const from = dictionaryAt + view.getUint16(dictionaryAt - 2, true);
  const count = Math.max(0, Math.floor((npy.byteLength - from) / bytesPerPoint));
  return Float32Array.from(
    { length: count },
    (_, index) => view.getFloat32(from + bytesPerPoint * index, true),
  );
}

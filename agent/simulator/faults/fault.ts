// The faults that can be asked for: their kinds, when each is there, and how one is written and read as text.

/** Kinds of fault. The first seven disturb replies, the next three the device and its line, the last three the fibres. */
export const faultKinds = [
  "silence",
  "late",
  "cut",
  "pieces",
  "unterminated",
  "garbage",
  "dropped",
  "reset",
  "unplug",
  "baud",
  "pull",
  "step",
  "ramp",
] as const;

/** A kind of fault. */
export type FaultKind = (typeof faultKinds)[number];

/** When a fault is there. Times are seconds; `durationS` is `undefined` where the kind's own holds. */
export type When =
  | { readonly type: "on" }
  | { readonly type: "for"; readonly durationS: number }
  /** At the next reply; faults that are not of a reply are asked for as "for", with their own duration. */
  | { readonly type: "once" }
  | { readonly type: "every"; readonly periodS: number; readonly durationS: number | undefined }
  /** At each reply with this probability. */
  | { readonly type: "random"; readonly probability: number; readonly durationS: number | undefined };

/** The figures of a fault; each kind uses some of them. */
export interface Figures {
  /** `late`: delay; `pieces`: gap between them; `reset`: how long the instrument takes to come back. */
  readonly ms: number;
  /** `garbage`: which part of the bytes is another, 0 to 1. */
  readonly part: number;
  /** `step`: change in dB; `ramp`: change in dB a second. */
  readonly db: number;
  /** `baud`: the rate that the instrument has instead. */
  readonly baud: number;
  /** `pull`, `step`, `ramp`: which channel of which module. */
  readonly module: number;
  readonly channel: number;
}

/** One fault, asked for at a moment (Unix milliseconds). */
export interface Fault {
  readonly kind: FaultKind;
  readonly when: When;
  readonly figures: Figures;
  readonly sinceMs: number;
}

interface KindOf {
  readonly says: string;
  readonly uses: readonly (keyof Figures)[];
  readonly defaults: Partial<Figures>;
  /** How long an episode lasts where nothing else is said; 0 is one reply. */
  readonly durationS: number;
}

const fibre = ["module", "channel"] as const;

/** What each kind does, and its figures. */
export const kinds: Readonly<Record<FaultKind, KindOf>> = {
  silence: { says: "no reply", uses: [], defaults: {}, durationS: 0 },
  late: { says: "the reply comes late, by ms", uses: ["ms"], defaults: { ms: 300 }, durationS: 0 },
  cut: { says: "only the first half of the reply", uses: [], defaults: {}, durationS: 0 },
  pieces: { says: "the reply in pieces, ms apart", uses: ["ms"], defaults: { ms: 20 }, durationS: 0 },
  unterminated: { says: "the reply without its CR LF", uses: [], defaults: {}, durationS: 0 },
  garbage: { says: "random bytes in the reply", uses: ["part"], defaults: { part: 0.3 }, durationS: 0 },
  dropped: { says: "one byte of the reply is lost", uses: [], defaults: {}, durationS: 0 },
  reset: {
    says: "settings lost, deaf for ms",
    uses: ["ms"],
    defaults: { ms: 2000 },
    durationS: 0.001,
  },
  unplug: { says: "the line is gone, then comes back", uses: [], defaults: {}, durationS: 1 },
  baud: {
    says: "the instrument speaks at another baud rate",
    uses: ["baud"],
    defaults: { baud: 9600 },
    durationS: 3,
  },
  pull: { says: "a channel's fibre is pulled", uses: fibre, defaults: {}, durationS: 2 },
  step: {
    says: "a channel's power changes by db",
    uses: ["db", ...fibre],
    defaults: { db: -3 },
    durationS: 2,
  },
  ramp: {
    says: "a channel's power changes by db a second",
    uses: ["db", ...fibre],
    defaults: { db: -0.1 },
    durationS: 10,
  },
};

const commonDefaults: Figures = { ms: 0, part: 0, db: 0, baud: 0, module: 4, channel: 1 };

/** Thrown for a fault that cannot be understood; the message is one sentence for whoever wrote it. */
export class FaultSyntaxError extends Error {
  /** Tells this error from others where `instanceof` cannot. */
  override readonly name = "FaultSyntaxError";
}

/**
 * Reads `<kind> <when> [figure=value …]`, where `<when>` is `on`, `once`, `for <s>`, `every <s> [for <s>]` or
 * `random <probability> [for <s>]`.
 * @throws {FaultSyntaxError}
 */
export function parseFault(text: string, nowMs: number): Fault {
  const [word = "", ...rest] = text.trim().split(/\s+/);
  const kind = faultKinds.find((known) => known === word);
  if (kind === undefined) {
    throw new FaultSyntaxError(`no fault is called "${word}"; known: ${faultKinds.join(", ")}`);
  }
  const figures = rest.filter((part) => part.includes("="));
  const when = rest.filter((part) => !part.includes("="));
  return { kind, when: begun(kind, parseWhen(when)), figures: parseFigures(kind, figures), sinceMs: nowMs };
}

/** "Once" waits for a reply only where it is a reply that is disturbed; anything else happens at once. */
function begun(kind: FaultKind, when: When): When {
  const { durationS } = kinds[kind];
  return when.type === "once" && durationS > 0 ? { type: "for", durationS } : when;
}

/** A fault as {@linkcode parseFault} reads it. */
export function formatFault({ kind, when, figures }: Fault): string {
  const used = kinds[kind].uses.map((name) => ` ${name}=${figures[name]}`);
  return `${kind} ${formatWhen(when)}${used.join("")}`;
}

function formatWhen(when: When): string {
  const lasting = "durationS" in when && when.durationS !== undefined ? ` for ${when.durationS}` : "";
  switch (when.type) {
    case "on":
    case "once":
      return when.type;
    case "for":
      return `for ${when.durationS}`;
    case "every":
      return `every ${when.periodS}${lasting}`;
    case "random":
      return `random ${when.probability}${lasting}`;
  }
}

function parseWhen([type = "on", first, second, third, ...more]: readonly string[]): When {
  if (more.length > 0) throw new FaultSyntaxError(`"${more[0]}" is one word too many`);
  const lasting = () => second === undefined ? undefined : seconds(second === "for" ? third : undefined);
  switch (type) {
    case "on":
    case "once":
      if (first !== undefined) throw new FaultSyntaxError(`"${type}" takes nothing, not "${first}"`);
      return { type };
    case "for":
      if (second !== undefined) throw new FaultSyntaxError(`"${second}" is one word too many`);
      return { type, durationS: seconds(first) };
    case "every":
      return { type, periodS: seconds(first), durationS: lasting() };
    case "random": {
      const probability = Number(first);
      if (!(probability > 0 && probability <= 1)) {
        throw new FaultSyntaxError(`"random" needs a probability above 0 and up to 1, not "${first ?? ""}"`);
      }
      return { type, probability, durationS: lasting() };
    }
    default:
      throw new FaultSyntaxError(`"${type}" is none of on, once, for, every, random`);
  }
}

function seconds(text: string | undefined): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) {
    throw new FaultSyntaxError(`a number of seconds above 0 is needed, not "${text ?? ""}"`);
  }
  return value;
}

function parseFigures(kind: FaultKind, parts: readonly string[]): Figures {
  const { uses, defaults } = kinds[kind];
  const given = parts.map((part) => {
    const [name = "", value = ""] = part.split("=");
    const figure = uses.find((known) => known === name);
    if (figure === undefined) {
      const known = uses.length === 0 ? "it has none" : `it has ${uses.join(", ")}`;
      throw new FaultSyntaxError(`"${kind}" has no figure "${name}"; ${known}`);
    }
    const number = value === "" ? NaN : Number(value);
    if (!Number.isFinite(number)) throw new FaultSyntaxError(`"${part}" is no number`);
    if (figure !== "db" && !(number > 0)) throw new FaultSyntaxError(`"${part}" has to be above 0`);
    return [figure, number] as const;
  });
  return { ...commonDefaults, ...defaults, ...Object.fromEntries(given) };
}

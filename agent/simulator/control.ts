// The language of the control socket: one command a line, answers whose last line begins with "ok" or "error". Pure but
// for what it is told to do; control_server.ts carries the bytes.

import {
  type FaultKind,
  faultKinds,
  FaultSyntaxError,
  formatFault,
  kinds,
  parseFault,
} from "./faults/fault.ts";
import type { FaultInjector } from "./faults/injector.ts";

/** What control commands act on. */
export interface Controlled {
  readonly faults: FaultInjector;
  /** One line for each thing that is there. */
  status(): readonly string[];
  /** Unix milliseconds. */
  now(): number;
}

/** Executes one line; gives the lines of the answer, none for an empty line. */
export function controlLine(line: string, controlled: Controlled): readonly string[] {
  const [word = "", ...rest] = line.trim().split(/\s+/);
  switch (word) {
    case "":
      return [];
    case "help":
      return [...help, "ok"];
    case "status":
      return [...controlled.status(), ...controlled.faults.describe(), "ok"];
    case "fault":
      return addFault(rest.join(" "), controlled);
    case "clear":
      return clear(rest, controlled);
    default:
      return [`error: no command is called "${word}"; try help`];
  }
}

function addFault(text: string, { faults, now }: Controlled): readonly string[] {
  try {
    const fault = parseFault(text, now());
    faults.add(fault);
    return [`ok ${formatFault(fault)}`];
  } catch (error) {
    if (!(error instanceof FaultSyntaxError)) throw error;
    return [`error: ${error.message}`];
  }
}

function clear([word, ...more]: readonly string[], { faults }: Controlled): readonly string[] {
  const kind = faultKinds.find((known) => known === word);
  if (more.length > 0 || (word !== undefined && kind === undefined)) {
    return [`error: clear takes the name of one fault, or nothing; not "${[word, ...more].join(" ")}"`];
  }
  return [`ok ended ${faults.clear(kind)}`];
}

const help: readonly string[] = [
  "fault <kind> [<when>] [<figure>=<value> ...]   puts a fault in force",
  "clear [<kind>]                                 ends the faults of a kind, or all",
  "status                                         what is connected, and what is wrong",
  "help                                           this",
  "",
  "when: on (the default), once, for <s>, every <s> [for <s>], random <probability> [for <s>]",
  "kinds:",
  ...faultKinds.map(describeKind),
];

function describeKind(kind: FaultKind): string {
  const { says, uses } = kinds[kind];
  const figures = uses.length === 0 ? "" : ` (${uses.map((name) => `${name}=`).join(" ")})`;
  return `  ${kind.padEnd(13)}${says}${figures}`;
}

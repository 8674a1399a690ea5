// The cursor `<epoch>-<seq>`: where a client stands in one module's stream. Small enough to be shipped to a browser.

/** Names a history: eight or more lower-case letters and digits, made when the history is created. */
export type Epoch = string;

/** A place in a module's stream: the epoch of the history and the sequence number, from 1, of the reading last seen. */
export interface Cursor {
  /** The history that the sequence number belongs to. */
  readonly epoch: Epoch;
  /** Counts within a module's stream; 0 stands before its first reading. */
  readonly seq: number;
}

/** The greatest sequence number that a cursor has room for. */
export const latestSequence = 999_999_999_999_999;

const pattern = /^([\da-z]{8,32})-(0|[1-9]\d{0,14})$/;

/** Reads a cursor; null where `text` is none. */
export function parseCursor(text: string): Cursor | null {
  const [, epoch, seq] = pattern.exec(text) ?? [];
  return epoch ? { epoch, seq: Number(seq) } : null;
}

/** Writes a cursor. */
export function formatCursor({ epoch, seq }: Cursor): string {
  return `${epoch}-${seq}`;
}

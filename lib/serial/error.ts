// What can go wrong with a port, as one error class whose `kind` tells the cases apart. It is not a log: each
// message is one sentence for the person who has to do something about it.

/**
 * Why a port could not be opened or went away:
 * `missing` no such device; `permission` this user may not use it; `busy` another process owns it;
 * `not_a_terminal` the path is no serial device; `unsupported` the platform, the driver or the option cannot do it;
 * `state` the call does not fit (open while open, signals while closed); `disconnected` the device went away;
 * `io` anything else that the kernel refused.
 */
export type SerialErrorKind =
  | "missing"
  | "permission"
  | "busy"
  | "not_a_terminal"
  | "unsupported"
  | "state"
  | "disconnected"
  | "io";

/** Every error of this module: `kind` for the program, `message` for its user. */
export class SerialError extends Error {
  /** For logs and stack traces. */
  override readonly name = "SerialError";
  /** What happened, for a `switch`. */
  readonly kind: SerialErrorKind;

  /** An error of `kind` that says `message`. */
  constructor(kind: SerialErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

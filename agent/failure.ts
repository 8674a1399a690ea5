// What goes wrong between the agent and its meter, as one error class. Its message is one sentence that a page can show.

/**
 * `unreachable` the line cannot be opened; `lost` it was open and has gone; `silent` no answer in time; `garbled` an
 * answer that is not one, or comes out of step; `wrong_device` something else answers; `refused` the instrument put an
 * error into its queue.
 */
export type FailureKind = "unreachable" | "lost" | "silent" | "garbled" | "wrong_device" | "refused";

/** The meter cannot be read, or did not do what it was told. */
export class MeterFailure extends Error {
  /** Tells this error from others where `instanceof` cannot. */
  override readonly name = "MeterFailure";
  /** `message` says what could not be done, with which device, and what to do. */
  constructor(readonly kind: FailureKind, message: string) {
    super(message);
  }
}

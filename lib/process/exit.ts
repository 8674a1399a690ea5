// How a process ends: its exit codes, and the one promise that says when it was asked to.

import { z } from "zod";

/** Exit codes. `configuration` is sysexits.h's EX_CONFIG: a supervisor does not start such a process again. */
export const exitCodes = { ok: 0, failure: 1, configuration: 78 } as const;

const parentVariable = z.literal("1").optional();

/**
 * Resolves with the reason when this process is asked to stop: SIGTERM, SIGINT, or, where `EXIT_WITH_PARENT=1`, the
 * end of its standard input, which is how a child learns that its parent was killed.
 */
export function stopSignal(): Promise<"SIGTERM" | "SIGINT" | "parent"> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      Deno.addSignalListener(signal, () => resolve(signal));
    }
    if (parentVariable.safeParse(Deno.env.get("EXIT_WITH_PARENT")).data === "1") {
      inputEnd().then(() => resolve("parent"));
    }
  });
}

async function inputEnd(): Promise<void> {
  const buffer = new Uint8Array(64);
  while (await Deno.stdin.read(buffer) !== null);
}

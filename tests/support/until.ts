// Waiting for a condition instead of sleeping. The error says what was waited for and what was seen last, because a
// bare "timed out" sends the reader to a debugger.

/** How long to wait, and how often to look. */
export interface Patience {
  /** Default: 10 s. */
  readonly timeoutMs?: number;
  /** Default: 20 ms. */
  readonly everyMs?: number;
}

/**
 * Looks again and again until `look` returns something truthy, and returns that. A look that throws counts as not yet.
 * @throws {Error} after `timeoutMs`, naming `what` and what the last look brought.
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  { timeoutMs = 10_000, everyMs = 20 }: Patience = {},
): Promise<Exclude<T, false | null | undefined | 0 | "">> {
  const deadline = Date.now() + timeoutMs;
  while (true) {
    const seen = await attempt(look);
    if (seen.ok && isTruthy(seen.value)) return seen.value;
    if (Date.now() >= deadline) {
      const last = seen.ok ? Deno.inspect(seen.value) : seen.error;
      throw new Error(`Waited ${timeoutMs / 1000} s in vain for ${what}; last seen: ${last}`);
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

function isTruthy<T>(value: T): value is Exclude<T, false | null | undefined | 0 | ""> {
  return Boolean(value);
}

async function attempt<T>(
  look: () => T | Promise<T>,
): Promise<{ ok: true; value: T } | { ok: false; error: unknown }> {
  try {
    return { ok: true, value: await look() };
  } catch (error) {
    return { ok: false, error };
  }
}

// Steps of one long test that share what it has started.

/** What runs a step of `t`: it may leave operations behind that end with what the whole test has started. */
export function stepsOf(t: Deno.TestContext): (name: string, fn: () => Promise<void>) => Promise<boolean> {
  return (name, fn) => t.step({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

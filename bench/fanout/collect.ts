// Garbage is collected when a measuring process asks for it, where V8 lets it (--expose-gc).

/** Collects on SIGUSR2, from now on. */
export function collectOnSignal(): void {
  const collect: unknown = Reflect.get(globalThis, "gc");
  Deno.addSignalListener("SIGUSR2", () => typeof collect === "function" && collect());
}

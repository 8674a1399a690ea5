// Randomness without state: a number that depends on nothing but its keys. The same seed, channel and moment give the
// same noise, whoever asks, in whatever order; that is what makes a run repeatable.

/** 32 bits that depend on all keys, which are whole numbers; one of them can stand for several further on. */
export function keyOf(...keys: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const key of keys) {
    hash = mix(hash ^ (key | 0));
    // A key may be a time in milliseconds, which needs more than 32 bits.
    const high = Math.floor(key / 2 ** 32);
    if (high > 0) hash = mix(hash ^ high);
  }
  return hash >>> 0;
}

/** A number from 0 to 1 (never 0), evenly spread over the keys. */
export function uniform(...keys: readonly number[]): number {
  return (keyOf(...keys) + 1) / (2 ** 32 + 1);
}

/** Two independent numbers of the standard normal distribution (by Box and Muller). */
export function gaussians(...keys: readonly number[]): readonly [number, number] {
  const radius = Math.sqrt(-2 * Math.log(uniform(...keys, 1)));
  const angle = 2 * Math.PI * uniform(...keys, 2);
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

/** The finalizer of MurmurHash3, over a state that has been moved away from zero. */
function mix(value: number): number {
  let hash = (value + 0x6d2b79f5) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

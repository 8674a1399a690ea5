// Randomness without state: a number that depends on nothing but its keys. The same seed, channel and moment give the
// same noise, whoever asks, in whatever order; that is what makes a run repeatable.

/** A number from 0 to 1 (never 0), evenly spread over the keys. Keys are whole numbers. */
export function uniform(...keys: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const key of keys) {
    // A key may be a time in milliseconds, which needs more than 32 bits.
    hash = mix(hash ^ (key | 0));
    hash = mix(hash ^ (Math.floor(key / 2 ** 32) | 0));
  }
  return ((hash >>> 0) + 1) / (2 ** 32 + 1);
}

/** A number of the standard normal distribution (by Box and Muller). */
export function gaussian(...keys: readonly number[]): number {
  const radius = Math.sqrt(-2 * Math.log(uniform(...keys, 1)));
  return radius * Math.cos(2 * Math.PI * uniform(...keys, 2));
}

/** The finalizer of MurmurHash3, over a state that has been moved away from zero. */
function mix(value: number): number {
  let hash = (value + 0x6d2b79f5) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

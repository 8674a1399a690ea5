// Comparing secrets without telling by the time it takes how much of one was right.

import { createHash, timingSafeEqual } from "node:crypto";

/** Whether two secrets are the same; takes as long for any two of the same lengths. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(secret: string): Uint8Array {
  return createHash("sha256").update(secret).digest();
}

// The delivery receipt as a page says it: "12,345 of 12,345 readings, 3 replayed, 0 missing".

import type { Page } from "playwright-core";
import type { Receipt } from "../../lib/socket/mod.ts";

/** The receipt's figures; NaN where the page does not say one yet. */
export async function receiptOn(page: Page): Promise<Receipt> {
  const text = await page.locator(".receipt p").first().innerText();
  const [arrived = NaN, expected = NaN, replayed = NaN, missing = NaN] =
    text.replaceAll(",", "").match(/\d+/g)?.map(Number) ?? [];
  return { arrived, expected, replayed, missing };
}

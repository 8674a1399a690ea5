// A page as the keyboard has it: what can be operated, and what the Tab key reaches.

import type { Page } from "playwright-core";

/** A control that had the focus. */
export interface Reached {
  /** As {@linkcode controls} names it. */
  readonly control: string;
  /** Whether a person sees that it has the focus. */
  readonly visible: boolean;
}

const operable =
  "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex], [contenteditable]";

/** Names everything that can be operated now, in the order of the page; of a group of radio buttons, the chosen one. */
export const controls = (page: Page): Promise<string[]> =>
  page.locator(operable).evaluateAll((elements) => {
    const isRest = (element: Element) =>
      element instanceof HTMLInputElement && element.type === "radio" && !element.checked;
    return elements
      .filter((element) =>
        element.checkVisibility() && !element.matches(":disabled, [tabindex='-1']") && !isRest(element)
      )
      .map((element) => element.outerHTML.slice(0, 120));
  });

/** Presses Tab so many times, from the top of the page. */
export async function tabThrough(page: Page, times: number): Promise<readonly Reached[]> {
  const reached: Reached[] = [];
  for (let i = 0; i < times; i++) {
    await page.keyboard.press("Tab");
    reached.push(
      await page.evaluate(() => {
        const element = document.activeElement ?? document.body;
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        const { width, height } = element.getBoundingClientRect();
        return {
          control: element.outerHTML.slice(0, 120),
          visible: outlineStyle !== "none" && parseFloat(outlineWidth) > 0 && width > 0 && height > 0,
        };
      }),
    );
  }
  return reached;
}

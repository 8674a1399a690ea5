// What a screen reader would be told: the texts that a page's live regions took on, one by one.

import type { Page } from "playwright-core";

declare global {
  /** Put into the page by {@linkcode watchAnnouncements}. */
  var announced: string[];
}

/** Notes from the page's first moment on what its live regions say. */
export const watchAnnouncements = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    globalThis.announced = [];
    const before = new WeakMap<Element, string>();
    new MutationObserver((changes) => {
      const regions = changes.flatMap(({ target }) =>
        (target instanceof Element ? target : target.parentElement)
          ?.closest("[role=status], [role=alert], [role=log], [aria-live]") ?? []
      );
      for (const region of new Set(regions)) {
        const heard = region.cloneNode(true) as Element;
        // no screen reader reads those
        heard.querySelectorAll("[aria-hidden=true]").forEach((hidden) => hidden.remove());
        const text = heard.textContent ?? "";
        if (text !== before.get(region)) globalThis.announced.push(text);
        before.set(region, text);
      }
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });

/** What was said so far. */
export const announcements = (page: Page): Promise<string[]> => page.evaluate(() => globalThis.announced);

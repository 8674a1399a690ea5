// What a browser's page lives through, told to the machine. Not for agents: Deno has no page.

import type { PageEvent } from "./states.ts";

/** Tells `tell` what the page lives through, beginning with how it is now; the answer ends that. */
export type Page = (tell: (event: PageEvent) => void) => () => void;

/** The page that this code runs in; outside of a browser nothing ever happens. */
export function browserPage(tell: (event: PageEvent) => void): () => void {
  const over = new AbortController();
  if (typeof document === "object") {
    const look = () => tell(document.hidden ? "hidden" : "visible");
    document.addEventListener("visibilitychange", look, over);
    for (const name of ["online", "offline", "pagehide", "pageshow"] as const) {
      addEventListener(name, () => tell(name), over);
    }
    look();
    tell(navigator.onLine ? "online" : "offline");
  }
  return () => over.abort();
}

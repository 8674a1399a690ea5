// What a browser's page lives through, told to the machine. Not for agents: Deno has no page.

import type { PageEvent } from "./machine.ts";

/** Tells `tell` what the page lives through, beginning with how it is now; the answer ends that. */
export type Page = (tell: (event: PageEvent) => void) => () => void;

/** The page that this code runs in; outside of a browser nothing ever happens. */
export function browserPage(tell: (event: PageEvent) => void): () => void {
  if (typeof document === "undefined") return () => {};
  const visibility = () => tell(document.visibilityState === "hidden" ? "hidden" : "visible");
  const named = ({ type }: { readonly type: string }) => {
    if (type === "online" || type === "offline" || type === "pagehide" || type === "pageshow") tell(type);
  };
  const names = ["online", "offline", "pagehide", "pageshow"];
  document.addEventListener("visibilitychange", visibility);
  for (const name of names) addEventListener(name, named);
  visibility();
  tell(navigator.onLine ? "online" : "offline");
  return () => {
    document.removeEventListener("visibilitychange", visibility);
    for (const name of names) removeEventListener(name, named);
  };
}

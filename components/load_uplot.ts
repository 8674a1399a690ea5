// uplot, loaded when a plot is opened and not before. While it loads it makes a number format for the browser's language, and a
// Chromium without a locale (a wall display started by systemd, say) calls its own "en-US@posix", which Intl refuses.

import type UPlot from "uplot";

/** The constructor of plots. */
export async function loadUplot(): Promise<typeof UPlot> {
  try {
    Intl.getCanonicalLocales(navigator.language);
  } catch {
    Object.defineProperty(navigator, "language", { value: "en" });
  }
  return (await import("uplot")).default;
}

// The channels of a module, in their order. Small enough to be shipped to a browser.

/** The four channels' names in `flags`, and with `_power` behind them in a reading. */
export const channels = ["ch1", "ch2", "ch3", "ch4"] as const;
/** One of {@linkcode channels}. */
export type Channel = typeof channels[number];

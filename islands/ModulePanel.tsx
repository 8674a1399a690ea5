// One module, alive: goes on from what the server rendered, with whatever comes after the page's cursor.

import { batch, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ChannelCard } from "../components/ChannelCard.tsx";
import { FaultNotice } from "../components/FaultNotice.tsx";
import { type Panel, withReading } from "../components/panel.ts";
import { channels } from "../lib/protocol/browser.ts";
import type { Data, Fault } from "../lib/protocol/mod.ts";
import { pageFeed } from "../lib/socket/mod.ts";

const clockMs = 500;
/** Every reading, at any rate that an agent may have: the sparkline and the record want them all. */
const intervalSeconds = 0.01;

interface Shown {
  readonly reading: Data | null;
  readonly traces: Panel["traces"];
  readonly beat: 0 | 1;
}

export default function ModulePanel({ panel }: { readonly panel: Panel }) {
  const shown = useSignal<Shown>({ reading: panel.newest, traces: panel.traces, beat: 0 });
  const fault = useSignal<Fault | null>(panel.fault);
  const nowMs = useSignal(panel.renderedAtMs);
  /** Three intervals between arrivals, within reason; none before two readings have arrived. */
  const staleAfterMs = useSignal<number | null>(null);

  useEffect(() => {
    const feed = pageFeed({ module: panel.module, since: panel.cursor, intervalSeconds });
    let aheadMs = responseStartMs() - panel.renderedAtMs;
    let arrivedAtMs: number | null = null;
    const tick = () => nowMs.value = Date.now() - aheadMs;

    const leave = feed.onReadings((readings) =>
      batch(() => {
        const newest = readings.at(-1);
        if (newest === undefined) return;
        const atMs = Date.now();
        // a reading cannot be younger than nothing: the least distance seen is the clocks' difference
        aheadMs = Math.min(aheadMs, atMs - newest.timestamp * 1000);
        if (arrivedAtMs !== null) {
          staleAfterMs.value = Math.round(Math.min(30_000, Math.max(1000, 3 * (atMs - arrivedAtMs))) / 500) *
            500;
        }
        arrivedAtMs = atMs;
        const { traces, beat } = shown.peek();
        shown.value = {
          reading: newest,
          traces: readings.reduce(withReading, traces),
          beat: beat === 0 ? 1 : 0,
        };
        fault.value = null;
        tick();
      })
    );
    const unwatch = feed.fault.subscribe((now) => {
      if (now !== null) fault.value = now;
    });
    const clock = setInterval(tick, clockMs);
    return () => {
      leave();
      unwatch();
      clearInterval(clock);
    };
  }, []);

  const { reading, traces, beat } = shown.value;
  // through the object model: the policy of these pages allows no style attribute
  const style = staleAfterMs.value === null ? undefined : { "--stale-after": `${staleAfterMs.value}ms` };
  return (
    <section class="module" aria-labelledby={`module-${panel.module}`} {...(style && { style })}>
      <header>
        <h2 id={`module-${panel.module}`}>Module {panel.module}</h2>
        {panel.station && <p class="quiet">{panel.station}</p>}
        {reading && <p class="quiet">{reading.wavelength_nm.toFixed(2)} nm</p>}
      </header>
      <FaultNotice fault={fault.value} nowMs={nowMs.value} />
      {reading
        ? (
          <ul class="channels">
            {channels.map((channel, index) => (
              <ChannelCard
                key={channel}
                channel={channel}
                reading={reading}
                beat={beat}
                trace={traces[index] ?? []}
                nowMs={nowMs.value}
              />
            ))}
          </ul>
        )
        : <p class="empty">No reading has come from this module yet.</p>}
    </section>
  );
}

/** When this browser got the page's first byte, by its own clock. */
function responseStartMs(): number {
  const [navigation] = performance.getEntriesByType("navigation");
  return performance.timeOrigin +
    (navigation instanceof PerformanceNavigationTiming ? navigation.responseStart : 0);
}

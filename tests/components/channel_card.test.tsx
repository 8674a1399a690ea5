import assert from "node:assert/strict";
import { renderToString } from "preact-render-to-string";
import { ChannelCard } from "../../components/ChannelCard.tsx";
import { panelOf } from "../../components/panel.ts";
import { channels } from "../../lib/protocol/browser.ts";
import type { Data } from "../../lib/protocol/mod.ts";

const reading = (timestamp: number, power: number, unit: Data["unit"] = "dBm"): Data => ({
  type: "data",
  module: 4,
  timestamp,
  wavelength_nm: 1550,
  unit,
  cursor: `e-${timestamp}`,
  ...{ ch1_power: power, ch2_power: power, ch3_power: power, ch4_power: power },
});

/** The card of the first channel, as text, at a time in seconds. */
function textOf(readings: readonly Data[], nowS: number): string {
  const newest = readings.at(-1);
  assert.ok(newest);
  const state = { module: 4, station: null, newest, fault: null, cursor: null };
  const { traces } = panelOf(state, readings, nowS * 1000);
  const card = (
    <ChannelCard channel={channels[0]} reading={newest} trace={traces[0] ?? []} nowMs={nowS * 1000} />
  );
  return renderToString(card).replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ");
}

Deno.test("channel card - the range of the last minute is in the unit of the newest reading", () => {
  assert.match(textOf([reading(1, -20), reading(2, 0.02, "mW")], 2), / 60 s: 0\.01000 to 0\.02000 /);
  assert.match(textOf([reading(1, 0.01, "mW"), reading(2, -10)], 2), / 60 s: \u221220\.00 to \u221210\.00 /);
});

Deno.test("channel card - the range is that of the last 60 s, and there is none where they hold nothing", () => {
  assert.match(textOf([reading(1, -20), reading(50, -10)], 70), / 60 s: \u221210\.00 to \u221210\.00 /);
  assert.doesNotMatch(textOf([reading(1, -20)], 200), /60 s/);
});

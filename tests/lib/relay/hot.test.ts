import assert from "node:assert/strict";
import fc from "fast-check";
import { agentMessage } from "../../../lib/protocol/mod.ts";
import { asReadings } from "../../../lib/relay/ingest/hot.ts";
import { readingAt } from "../../support/reading.ts";

const seed = 20261120;
const numRuns = 20_000;

/** Values at the edges of what any field takes, as JSON text. */
const edge = fc.constantFrom(
  ...[
    "0",
    "-0",
    "1",
    "20",
    "21",
    "50",
    "1.5",
    "-1",
    "1e999",
    "-1e999",
    "5e-324",
    "9007199254740991",
    "9007199254740992",
  ],
  ...[
    "null",
    "true",
    '""',
    '"dBm"',
    '"mW"',
    '"boot0001"',
    '"Boot0001"',
    '"boot"',
    '"under_range"',
    '"over"',
    "[]",
    "{}",
  ],
  ...[
    "[null]",
    '{"ch1":"invalid"}',
    '{"ch1":"invalid","ch4":"over_range"}',
    '{"ch5":"invalid"}',
    '{"ch1":null}',
  ],
  ...['{"__proto__":"invalid"}', '"readings"', '"ping"', '{"length":1}'],
);
const name = fc.constantFrom(
  ...[
    "type",
    "boot",
    "first",
    "items",
    "timestamp",
    "module",
    "wavelength_nm",
    "unit",
    "ch1_power",
    "ch4_power",
  ],
  ...["flags", "cursor", "__proto__", "constructor"],
);
const change = fc.record({
  item: fc.boolean(),
  name,
  value: fc.option(fc.oneof(edge, fc.json({ maxDepth: 2 }))),
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** A good message with some fields set, or taken out, in itself or in its last item. */
function changed(items: number, changes: readonly Change[]): string {
  const fields = (more: Record<string, unknown>) =>
    new Map(Object.entries(more).map(([name, value]) => [name, JSON.stringify(value)]));
  const message = fields({ type: "readings", boot: "boot0001", first: 1, items: "here" });
  const item = fields(readingAt(1));
  for (const { item: inside, name, value } of changes) {
    if (value === null) (inside ? item : message).delete(name);
    else (inside ? item : message).set(name, value);
  }
  const text = (of: Map<string, string>) =>
    `{${[...of].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join()}}`;
  const others = Array.from({ length: items - 1 }, () => JSON.stringify(readingAt(1)));
  if (message.get("items") === '"here"') message.set("items", `[${[...others, text(item)].join()}]`);
  return text(message);
}

Deno.test("the quick look at readings accepts exactly what the schema accepts, and reads the same in it", () => {
  let [accepted, refused] = [0, 0];
  const same = (text: string) => {
    const value: unknown = JSON.parse(text);
    const quick = asReadings(value);
    const { success, data } = agentMessage.safeParse(JSON.parse(text));
    const expected = success && data.type === "readings" ? data : null;
    assert.deepEqual(quick, expected, text);
    quick ? accepted++ : refused++;
  };
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 51 }),
      fc.array(change, { maxLength: 2 }),
      (items, changes) => same(changed(items, changes)),
    ),
    { numRuns, seed },
  );
  fc.assert(fc.property(fc.json(), same), { numRuns: numRuns / 10, seed });
  assert.ok(accepted > numRuns / 10 && refused > numRuns / 10, `${accepted} accepted, ${refused} refused`);
});

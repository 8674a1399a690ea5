// Every state with every event: what the machine answers. A pair that the table does not name changes nothing that a label tells.

import assert from "node:assert/strict";
import type { Cause } from "../../../lib/socket/mod.ts";
import { closed, Drive, heard, label, type Plain, pong, told, ways } from "./drive.ts";

const late = "70 s later";

const events: Readonly<Record<string, Cause | Plain>> = {
  heard,
  pong,
  told,
  "polled ok": { type: "polled", ok: true },
  "polled no": { type: "polled", ok: false },
  "polled 401": { type: "polled", ok: null },
  [late]: "tick",
};

/** event: state → next state (effects) */
const table = `
connect:
  idle→connecting (open)
  asked→connecting (open)
  gave_up→connecting (open)
  stopped→retrying (open)
  unauthenticated→retrying (open)
  unsupported→connecting (open)
  parked→connecting (open)
disconnect:
  idle→asked
  connecting→asked (close)
  connected→asked (close)
  waiting→asked
  retrying→asked (close)
  gave_up→asked
  stopped→asked
  unauthenticated→asked
  unsupported→asked
  parked→asked
reconnect:
  idle→connecting (open)
  connecting→connecting (close open)
  connected→retrying (close open)
  waiting→retrying (open)
  retrying→retrying (close open)
  asked→connecting (open)
  gave_up→connecting (open)
  stopped→retrying (open)
  unauthenticated→retrying (open)
  unsupported→connecting (open)
  parked→connecting (open)
opened:
  connecting→connected
  retrying→connected
heard:
pong:
told:
closed 1000:
  connecting→stopped
  connected→stopped
  retrying→stopped
closed 1001:
  connecting→waiting
  connected→waiting
  retrying→waiting
closed 1005:
  connecting→waiting
  connected→waiting
  retrying→waiting
closed 1006:
  connecting→waiting
  connected→waiting
  retrying→waiting
closed 1008:
  connecting→stopped
  connected→stopped
  retrying→stopped
closed 1009:
  connecting→stopped
  connected→stopped
  retrying→stopped
closed 1011:
  connecting→waiting
  connected→waiting
  retrying→waiting
closed 1012:
  connecting→waiting
  connected→waiting
  retrying→waiting
closed 1013:
  connecting→waiting
  connected→waiting
  retrying→waiting
closed 4008:
  connecting→connecting (open)
  connected→retrying (open)
  retrying→retrying (open)
closed 4401:
  connecting→unauthenticated
  connected→unauthenticated
  retrying→unauthenticated
closed 4403:
  connecting→stopped
  connected→stopped
  retrying→stopped
unsupported:
  connecting→unsupported (close)
  connected→unsupported (close)
  retrying→unsupported (close)
polled ok:
polled no:
polled 401:
tick:
  gave_up→gave_up (poll)
70 s later:
  connecting→waiting (close poll)
  connected→waiting (close)
  waiting→retrying (open poll)
  retrying→waiting (close poll)
  gave_up→gave_up (poll)
  unsupported→unsupported (poll)
visible:
  connected→connected (ping)
  waiting→retrying (open)
  gave_up→connecting (open)
hidden:
online:
  connected→connected (ping)
  waiting→retrying (open)
  gave_up→connecting (open)
offline:
  connected→connected (ping)
pagehide:
  connecting→parked (close)
  connected→parked (close)
  waiting→parked
  retrying→parked (close)
  gave_up→parked
  unsupported→parked
pageshow:
  parked→connecting (open)
`;

const rows = table.trim().split(/\n(?! )/).map((row) => {
  const [event = "", ...cells] = row.split("\n");
  const answers = cells.map((cell): [string, string] => {
    const [from = "", to = ""] = cell.trim().split("→");
    return [from, to];
  });
  return { event: event.replace(/:$/, ""), answers: new Map(answers) };
});

function causeOf(event: string): Cause | Plain {
  const [name, code] = event.split(" ");
  if (name === "closed") return closed(Number(code));
  return events[event] ?? plain(event);
}

function plain(event: string): Plain {
  switch (event) {
    case "connect":
    case "disconnect":
    case "reconnect":
    case "opened":
    case "unsupported":
    case "tick":
    case "visible":
    case "hidden":
    case "online":
    case "offline":
    case "pagehide":
    case "pageshow":
      return event;
  }
  throw new Error(`Cannot read the table: no event is called "${event}"`);
}

for (const { event, answers } of rows) {
  Deno.test(`${event}: every state answers as the table says`, () => {
    for (const [state, way] of Object.entries(ways)) {
      const drive = new Drive();
      drive.feed(...way);
      assert.equal(label(drive.state), state, "the way leads to the state");
      if (event === late) drive.at += 70_000;
      const effects = drive.feed(causeOf(event));
      const answer = label(drive.state) + (effects.length ? ` (${effects.join(" ")})` : "");
      assert.equal(answer, answers.get(state) ?? state, `${state} with ${event}`);
    }
  });
}

Deno.test("the table names every event of the machine", () => {
  const types = new Set(rows.map(({ event }) => {
    const cause = causeOf(event);
    return typeof cause === "string" ? cause : cause.type;
  }));
  const all: Readonly<Record<Cause["type"], true>> = {
    connect: true,
    disconnect: true,
    reconnect: true,
    opened: true,
    heard: true,
    closed: true,
    unsupported: true,
    polled: true,
    tick: true,
    visible: true,
    hidden: true,
    online: true,
    offline: true,
    pagehide: true,
    pageshow: true,
  };
  assert.deepEqual([...types].sort(), Object.keys(all).sort());
});

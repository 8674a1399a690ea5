import assert from "node:assert/strict";
import { Group, type Pace, type Subscriber } from "../../../lib/relay/fanout/group.ts";
import { Outgoing, type OutgoingReading } from "../../../lib/relay/fanout/outgoing.ts";
import { Pacer } from "../../../lib/relay/fanout/pacer.ts";
import { Metrics } from "../../../lib/relay/metrics/metrics.ts";
import { readingAt } from "../../support/reading.ts";

/** A subscriber that says itself how it keeps up. */
class TestSubscriber implements Subscriber {
  paceNow: Pace = "swift";
  /** How often it was asked. */
  asked = 0;
  /** Readings sent straight to its socket, and those that it was handed because it was tended. */
  readonly sent = { directly: 0, tended: 0 };
  /** What its connection was told that the group has sent. */
  counted = 0;
  readonly connection = {
    dialect: "typed",
    carrier: { send: () => (this.sent.directly += 1) > 0 },
    countSent: (messages: number) => void (this.counted += messages),
  } as const;

  pace(): Pace {
    this.asked += 1;
    return this.paceNow;
  }

  deliver(): void {
    this.sent.tended += 1;
  }

  alert(): void {}
}

const reading: OutgoingReading = new Outgoing(
  { type: "data", ...readingAt(1), cursor: "0123456789ab-1" },
  1000,
);
/** Enough of them that queues are looked at. */
const someKilobytes = Math.ceil(5000 / reading.encoded("typed").frame.length);

function groupOf(...subscribers: readonly Subscriber[]): Group {
  const group = new Group(10, "typed", new Pacer(10), new Metrics());
  for (const subscriber of subscribers) group.add(subscriber);
  return group;
}

function deliver(group: Group, count: number): void {
  for (let i = 0; i < count; i++) group.deliver(reading);
}

Deno.test("whoever keeps up is sent every reading, and asked for its queue once in some kilobytes", () => {
  const swift = new TestSubscriber();
  const group = groupOf(swift);
  deliver(group, 10 * someKilobytes);
  assert.deepEqual(swift.sent, { directly: 10 * someKilobytes, tended: 0 });
  assert.ok(swift.asked > 5 && swift.asked < 20, `asked ${swift.asked} times`);
});

Deno.test("whoever falls behind is tended, and once it keeps up again it is not; the others notice nothing", () => {
  const [slow, other] = [new TestSubscriber(), new TestSubscriber()];
  const group = groupOf(slow, other);
  assert.equal(group.calm, true);
  slow.paceNow = "busy";
  deliver(group, someKilobytes);
  assert.equal(group.calm, false);
  const before = { ...slow.sent };
  deliver(group, someKilobytes);
  assert.deepEqual(slow.sent, { ...before, tended: before.tended + someKilobytes });
  slow.paceNow = "swift";
  deliver(group, someKilobytes);
  const { tended } = slow.sent;
  deliver(group, someKilobytes);
  assert.equal(slow.sent.tended, tended);
  group.remove(slow);
  assert.equal(slow.sent.directly + slow.sent.tended, 4 * someKilobytes);
  assert.equal(slow.counted, slow.sent.directly);
  assert.deepEqual(other.sent, { directly: 4 * someKilobytes, tended: 0 });
});

Deno.test("a group whose last subscriber has left is empty, tended or not", () => {
  const [swift, slow] = [new TestSubscriber(), new TestSubscriber()];
  slow.paceNow = "behind";
  const group = groupOf(swift, slow);
  group.remove(swift);
  assert.equal(group.empty, false);
  group.remove(slow);
  assert.equal(group.empty, true);
});

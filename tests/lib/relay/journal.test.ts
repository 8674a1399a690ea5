import assert from "node:assert/strict";
import { Journal } from "../../../lib/relay/history/journal.ts";
import { until } from "../../support/until.ts";
import { type Child, startChild } from "./child.ts";
import { inFolder, ScriptedAgent, type ServedRelay, serveRelay } from "./support.ts";
import { readingAt } from "../../support/reading.ts";

const historyHours = 1_000_000;

function journalOf(dataDir: string): string {
  return `${dataDir}/history.sqlite-accepted`;
}

/** Has a relay store `count` readings, a message each, and leaves it as it is after the last acknowledgement. */
async function store(relay: Child | ServedRelay, count: number, boot = "boot0001"): Promise<void> {
  await using agent = await ScriptedAgent.start(relay.host, boot);
  for (let second = 1; second <= count; second++) agent.read(readingAt(second));
  await agent.acknowledged();
}

/** A journal as a relay leaves it that is killed before its database has any of `count` readings. */
function leaveJournal(dataDir: string, count: number): void {
  const journal = new Journal(journalOf(dataDir));
  for (let second = 1; second <= count; second++) {
    const items = [readingAt(second)];
    journal.append({
      accepted_ms: 1000 * second,
      station: "bench-1",
      boot: "boot0001",
      first: second,
      items,
    });
  }
  journal.close();
}

function times(served: ServedRelay): number[] {
  return served.relay.recent(4, 0).map(({ timestamp }) => timestamp);
}

Deno.test("readings that were acknowledged when the relay was killed are in its next life", () =>
  inFolder(async (dataDir) => {
    {
      await using child = await startChild(dataDir);
      await store(child, 5);
      child.kill();
    }
    await using served = await serveRelay({ dataDir, historyHours });
    assert.deepEqual(times(served), [1, 2, 3, 4, 5]);
  }));

Deno.test("readings that only the journal has are stored, and known when they are sent again", () =>
  inFolder(async (dataDir) => {
    leaveJournal(dataDir, 5);
    await using served = await serveRelay({ dataDir, historyHours });
    assert.deepEqual(times(served), [1, 2, 3, 4, 5]);
    await using agent = await ScriptedAgent.start(served.host);
    assert.equal(agent.of("welcome")[0]?.through, 5);
  }));

Deno.test("a relay that is stopped leaves everything in the database", () =>
  inFolder(async (dataDir) => {
    {
      await using served = await serveRelay({ dataDir, historyHours });
      await store(served, 5);
    }
    await Deno.remove(journalOf(dataDir));
    await using served = await serveRelay({ dataDir, historyHours });
    assert.deepEqual(times(served), [1, 2, 3, 4, 5]);
  }));

Deno.test("a relay killed between the commit and the clearing of the journal stores nothing twice", () =>
  inFolder(async (dataDir) => {
    leaveJournal(dataDir, 5);
    const journal = await Deno.readFile(journalOf(dataDir));
    {
      await using _served = await serveRelay({ dataDir, historyHours });
    }
    await Deno.writeFile(journalOf(dataDir), journal);
    await using served = await serveRelay({ dataDir, historyHours });
    assert.deepEqual(times(served), [1, 2, 3, 4, 5]);
    assert.equal(served.relay.modules()[0]?.cursor, `${served.relay.history().epoch}-5`);
  }));

Deno.test("an entry that was being written when the relay was killed is left out, and the ones before it are kept", () =>
  inFolder(async (dataDir) => {
    leaveJournal(dataDir, 3);
    await Deno.writeTextFile(journalOf(dataDir), '{"accepted_ms":1,"station":"bench-1","bo', {
      append: true,
    });
    await using served = await serveRelay({ dataDir, historyHours });
    assert.deepEqual(times(served), [1, 2, 3]);
    assert.ok(served.log.lines.every(({ level }) => level !== "error"));
  }));

Deno.test("entries that the disk has not kept are counted in the log, and the others are stored", () =>
  inFolder(async (dataDir) => {
    leaveJournal(dataDir, 4);
    const [first, second, third, ...rest] = (await Deno.readTextFile(journalOf(dataDir))).split("\n");
    const damaged = [
      first,
      second?.replaceAll(/./g, "\0"),
      third?.replace('"first":3', '"first":"3"'),
      ...rest,
    ];
    await Deno.writeTextFile(journalOf(dataDir), damaged.join("\n"));
    await using served = await serveRelay({ dataDir, historyHours });
    assert.deepEqual(times(served), [1, 4]);
    const [line] = served.log.lines.filter(({ level }) => level === "error");
    assert.deepEqual(line?.fields, { lost_entries: 2 });
  }));

Deno.test("a journal that is deleted under the relay is begun anew, and what is acknowledged then is kept", () =>
  inFolder(async (dataDir) => {
    {
      await using child = await startChild(dataDir);
      await using agent = await ScriptedAgent.start(child.host);
      agent.read(readingAt(1));
      await agent.acknowledged();
      await Deno.remove(journalOf(dataDir));
      await until("a word of it", () => child.errors.some((line) => line.includes("journal")));
      for (let second = 2; second <= 5; second++) agent.read(readingAt(second));
      await agent.acknowledged();
      child.kill();
      await agent.end();
    }
    await using served = await serveRelay({ dataDir, historyHours });
    assert.deepEqual(times(served), [1, 2, 3, 4, 5]);
    assert.ok(!served.log.lines.some(({ message }) => message.includes("a new epoch begins")));
  }));

Deno.test("a journal does not grow without end", () =>
  inFolder(async (dataDir) => {
    await using served = await serveRelay({ dataDir, historyHours });
    let largest = 0;
    for (let run = 1; run <= 20; run++) {
      await store(served, 300, `boot${String(run).padStart(4, "0")}`);
      largest = Math.max(largest, Deno.statSync(journalOf(dataDir)).size);
    }
    assert.ok(largest > 200_000 && largest < 400_000, `${largest} bytes`);
  }));

const half = (bytes: Uint8Array) => bytes.subarray(0, bytes.length >> 1);
const zeroed = (bytes: Uint8Array) => bytes.fill(0);
const scrambled = (bytes: Uint8Array) => bytes.fill(0x5a, bytes.length >> 1, (bytes.length >> 1) + 400);
const damages: [what: string, suffix: string, damage: (bytes: Uint8Array) => Uint8Array | null][] = [
  ["the journal is cut in half", "-accepted", half],
  ["the journal is zeroed", "-accepted", zeroed],
  ["the journal is damaged in the middle", "-accepted", scrambled],
  ["the journal is gone", "-accepted", () => null],
  ["the database is gone, and not the journal", "", () => null],
  ["the database's log is cut in half", "-wal", half],
  ["the database's log is damaged in the middle", "-wal", scrambled],
  ["the database's log is gone", "-wal", () => null],
];
for (const [what, suffix, damage] of damages) {
  Deno.test(`a new epoch begins where ${what}: no cursor names two readings`, () =>
    inFolder(async (dataDir) => {
      const path = `${dataDir}/history.sqlite${suffix}`;
      const epochOf = async ({ host }: Child | ServedRelay) =>
        (await (await fetch(`http://${host}/api/v1/readings?limit=1`)).json()).cursor.split("-")[0];
      let epoch = "";
      {
        await using child = await startChild(dataDir);
        for (let run = 1; run <= 5; run++) await store(child, 400, `boot000${run}`);
        epoch = await epochOf(child);
        child.kill();
      }
      const damaged = damage(await Deno.readFile(path));
      if (damaged === null) await Deno.remove(path);
      else await Deno.writeFile(path, damaged);
      await using served = await serveRelay({ dataDir, historyHours });
      assert.notEqual(served.relay.history().epoch, epoch);
      assert.ok(served.log.lines.some(({ message }) => message.includes("a new epoch begins")));
      assert.equal(served.relay.history().state, "disk");
    }));
}

Deno.test("what two runs of an agent were promised before a kill is kept for both", () =>
  inFolder(async (dataDir) => {
    {
      await using child = await startChild(dataDir);
      await store(child, 2, "boot0001");
      await store(child, 3, "boot0002");
      child.kill();
    }
    await using served = await serveRelay({ dataDir, historyHours });
    assert.deepEqual(times(served), [1, 2, 1, 2, 3]);
    for (const [boot, through] of [["boot0001", 2], ["boot0002", 3]] as const) {
      await using agent = await ScriptedAgent.start(served.host, boot);
      assert.equal(agent.of("welcome")[0]?.through, through);
    }
  }));

Deno.test("a corrupt database is set aside, and what was accepted last is in the new one", () =>
  inFolder(async (dataDir) => {
    leaveJournal(dataDir, 5);
    await Deno.writeTextFile(`${dataDir}/history.sqlite`, "this is no database".repeat(500));
    await using served = await serveRelay({ dataDir, historyHours });
    assert.equal(served.relay.history().state, "disk");
    assert.deepEqual(times(served), [1, 2, 3, 4, 5]);
  }));

Deno.test("a journal that cannot be opened leaves the relay in memory, and ready says so", () =>
  inFolder(async (dataDir) => {
    await Deno.mkdir(journalOf(dataDir));
    await using served = await serveRelay({ dataDir, historyHours });
    assert.equal(served.relay.history().state, "degraded");
    await store(served, 3);
    assert.deepEqual(times(served), [1, 2, 3]);
    assert.match(
      await (await fetch(`http://${served.host}/ready`)).text(),
      /history: not ready, Is a directory/,
    );
  }));

Deno.test("a journal that finds no room costs no reading: the batch and what follows are kept in memory", () =>
  inFolder(async (dataDir) => {
    await Deno.symlink("/dev/full", journalOf(dataDir));
    await using served = await serveRelay({ dataDir, historyHours });
    assert.equal(served.relay.history().state, "disk");
    await store(served, 3);
    assert.equal(served.relay.history().state, "degraded");
    assert.deepEqual(times(served), [1, 2, 3]);
    assert.match(
      await (await fetch(`http://${served.host}/ready`)).text(),
      /history: not ready, No space left/,
    );
  }));

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { Data } from "../../../lib/protocol/mod.ts";
import { inFolder, ScriptedAgent, sequenceOf, serveRelay, view } from "./support.ts";
import { readingAt, readingsFrom } from "../../support/reading.ts";
import { startChild } from "./child.ts";
import { until } from "../../support/until.ts";

Deno.test("a restarted relay goes on with the same epoch and numbers", () =>
  inFolder(async (dataDir) => {
    let epoch: string;
    {
      await using served = await serveRelay({ dataDir });
      await using agent = await ScriptedAgent.start(served.host);
      agent.read(...readingsFrom(1, 5));
      await agent.acknowledged();
      epoch = served.relay.history().epoch;
    }
    await using served = await serveRelay({ dataDir });
    assert.deepEqual(served.relay.history(), { state: "disk", epoch, problem: null });
    assert.equal(served.relay.modules()[0]?.cursor, `${epoch}-5`);
    await using agent = await ScriptedAgent.start(served.host);
    assert.equal(agent.of("welcome")[0]?.through, 5);
    await using viewer = view(served.host, `power?since=${epoch}-3`);
    assert.deepEqual((await viewer.next("replay")).readings.map(({ timestamp }) => timestamp), [1.3, 1.4]);
  }));

Deno.test("a relay killed with SIGKILL keeps every reading that it acknowledged, and numbers none twice", () =>
  inFolder(async (dataDir) => {
    let sent = 0;
    const numbers: number[] = [];
    for (let life = 0; life < 4; life++) {
      await using child = await startChild(dataDir);
      await using viewer = view(child.host, "power?interval=0.01");
      await viewer.opened;
      await using agent = await ScriptedAgent.start(child.host);
      for (let i = 0; i < 20; i++) agent.read(readingAt(1 + (sent++) / 10));
      await agent.acknowledged();
      await until(
        "the readings",
        () => viewer.of("data").filter(({ timestamp }) => timestamp >= 1).length >= 20,
      );
      numbers.push(...viewer.of("data").slice(-20).map(({ cursor }) => sequenceOf(cursor)));
      child.kill();
      await Promise.all([viewer.end(), agent.end()]);
    }
    assert.deepEqual(numbers, Array.from({ length: 80 }, (_, index) => index + 1));
    await using served = await serveRelay({ dataDir });
    assert.deepEqual(
      served.relay.recent(4, 0).map(({ timestamp }) => timestamp),
      Array.from({ length: 80 }, (_, index) => 1 + index / 10),
    );
  }));

Deno.test("a second relay on the same history refuses to start, and says why", () =>
  inFolder(async (dataDir) => {
    await using _child = await startChild(dataDir);
    await assert.rejects(serveRelay({ dataDir }), /another process has it.*DATA_DIR/);
  }));

Deno.test("a history that is no database is set aside, and a new one begins", () =>
  inFolder(async (dataDir) => {
    await Deno.writeTextFile(`${dataDir}/history.sqlite`, "this is no database".repeat(500));
    await using served = await serveRelay({ dataDir });
    assert.equal(served.relay.history().state, "disk");
    await using agent = await ScriptedAgent.start(served.host);
    agent.read(readingAt(1));
    await agent.acknowledged();
    const names = [...Deno.readDirSync(dataDir)].map(({ name }) => name);
    assert.ok(names.some((name) => name.startsWith("history.sqlite.corrupt-")), names.join(" "));
    assert.ok(
      served.log.lines.some(({ level, message }) => level === "error" && message.includes("set aside")),
    );
  }));

Deno.test("a history that breaks while it is in use is set aside, and the stream goes on in a new epoch", () =>
  inFolder(async (dataDir) => {
    {
      await using served = await serveRelay({ dataDir });
      await using agent = await ScriptedAgent.start(served.host);
      for (let i = 0; i < 60; i++) agent.read(...readingsFrom(1 + 5 * i, 50));
      await agent.acknowledged();
    }
    // Leaves in the middle: the first and the last readings, which are looked at when it opens, are whole.
    const file = await Deno.open(`${dataDir}/history.sqlite`, { write: true });
    await file.seek(20 * 4096, Deno.SeekMode.Start);
    await file.write(new Uint8Array(2 * 4096).fill(0x5a));
    file.close();
    await using served = await serveRelay({ dataDir });
    const { epoch } = served.relay.history();
    await using viewer = view(served.host, `power?since=${epoch}-0`);
    await until("a new history", () => served.relay.history().epoch !== epoch);
    const replay = await until("what is missing", () => viewer.of("replay").find(({ missing }) => missing));
    await using agent = await ScriptedAgent.start(served.host, "boot0002");
    agent.read(readingAt(1000));
    await agent.acknowledged();
    assert.equal(served.relay.history().state, "disk");
    assert.ok(served.log.lines.some(({ message }) => message.includes("set aside")));
    assert.equal(replay.missing?.reason, "history_replaced");
    assert.equal(viewer.closed, null);
  }));

Deno.test("a history whose files are deleted under the relay is begun anew, and the log says so", () =>
  inFolder(async (dataDir) => {
    await using served = await serveRelay({ dataDir });
    await using agent = await ScriptedAgent.start(served.host);
    agent.read(...readingsFrom(1, 50));
    await agent.acknowledged();
    const { epoch } = served.relay.history();
    for (const { name } of Deno.readDirSync(dataDir)) await Deno.remove(`${dataDir}/${name}`);
    await until("a new history", () => served.relay.history().epoch !== epoch);
    assert.equal(served.relay.history().state, "disk");
    const told = served.log.lines.find(({ message }) => message.includes("the history is gone"));
    assert.ok(told && !JSON.stringify(told.fields).includes("kept_as"), JSON.stringify(told));
    agent.read(readingAt(100));
    await agent.acknowledged();
    assert.ok((await Deno.stat(`${dataDir}/history.sqlite`)).isFile);
  }));

Deno.test("a database of another program is set aside", () =>
  inFolder(async (dataDir) => {
    using other = new DatabaseSync(`${dataDir}/history.sqlite`);
    other.exec("CREATE TABLE meta (a)");
    other.close();
    await using served = await serveRelay({ dataDir });
    assert.equal(served.relay.history().state, "disk");
  }));

Deno.test("a folder that cannot be written to leaves the relay in memory, and ready says so", () =>
  inFolder(async (dataDir) => {
    await Deno.writeTextFile(`${dataDir}/file`, "");
    await using served = await serveRelay({ dataDir: `${dataDir}/file` });
    assert.equal(served.relay.history().state, "degraded");
    const [told] = served.log.lines.filter(({ level }) => level === "error");
    assert.match(told?.message ?? "", /make DATA_DIR a folder that this user can write/);
    await using agent = await ScriptedAgent.start(served.host);
    agent.read(readingAt(1));
    await agent.acknowledged();
    const response = await fetch(`http://${served.host}/ready`);
    assert.equal(response.status, 503);
    assert.match(await response.text(), /history: not ready, .+/);
  }));

Deno.test("a disk that fills up while the relay runs costs no reading: what follows is kept in memory, and everybody is told", () =>
  inFolder(async (dataDir) => {
    const ready = async (host: string) => await (await fetch(`http://${host}/ready`)).text();
    const polled = async (host: string) =>
      (await (await fetch(`http://${host}/api/v1/readings?limit=5000`)).json()).readings as Data[];
    let sent = 0;
    let inMemory: Data[] = [];
    let live: Data[] = [];
    {
      await using child = await startChild(dataDir, 0, { fileBytes: 512 * 1024 });
      await using viewer = view(child.host, "power?interval=0.01");
      await viewer.opened;
      await using agent = await ScriptedAgent.start(child.host);
      assert.match(await ready(child.host), /history: ready, on disk/);
      const read = async () => {
        for (let i = 0; i < 10; i++) agent.read(readingAt(1 + sent++));
        await agent.acknowledged();
      };
      await until("a full disk", async () => {
        await read();
        return child.errors.length > 0;
      }, { everyMs: 0 });
      for (let i = 0; i < 10; i++) await read();
      assert.match(await ready(child.host), /history: not ready, (disk I\/O error|database or disk is full)/);
      assert.equal(child.errors.length, 1, child.errors.join("\n"));
      assert.match(
        child.errors[0] ?? "",
        /the history cannot be written: .*lost when the relay ends.*history\.csv/,
      );
      await until("the last reading", () => viewer.of("data").at(-1)?.timestamp === sent);
      live = viewer.of("data");
      inMemory = await polled(child.host);
      // What was stored of the agent's run is still known: nothing looks left out by it.
      const metrics = await (await fetch(`http://${child.host}/metrics`)).text();
      assert.doesNotMatch(metrics, /^lightline_readings_skipped_total./m);
      assert.equal(agent.closed, null);
      child.kill();
      await Promise.all([viewer.end(), agent.end()]);
    }
    const all = Array.from({ length: sent }, (_, index) => 1 + index);
    assert.deepEqual(live.map(({ timestamp }) => timestamp), all);
    assert.ok(inMemory.length >= 100);
    // The one file that was full goes on, with room, where it stopped: what it has and what was in memory is everything.
    await using served = await serveRelay({ dataDir, historyHours: 1_000_000 });
    assert.equal(served.relay.history().state, "disk");
    const onDisk = served.relay.recent(4, 0);
    assert.deepEqual([...onDisk, ...inMemory].map(({ timestamp }) => timestamp), all);
  }));

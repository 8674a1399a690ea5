import assert from "node:assert/strict";
import { Child, createLogger, exitCodes, restartDelayMs } from "../../../lib/process/mod.ts";

const program = (code: string) => `data:application/javascript,${encodeURIComponent(code)}`;

function childOf(code: string, environment: () => Record<string, string> = () => ({}), readyLines = 1) {
  const lines: { message: string; signal?: string; code?: number }[] = [];
  const log = createLogger(
    "test",
    { LOG_LEVEL: "info", LOG_FORMAT: "json" },
    (line) => lines.push(JSON.parse(line)),
  );
  return {
    child: new Child({ name: "helper", args: ["-A", program(code)], environment, log, readyLines }),
    lines,
  };
}

Deno.test("restart delay - doubles from a quarter of a second to ten seconds", () => {
  assert.deepEqual([1, 2, 3, 6, 7, 50].map(restartDelayMs), [250, 500, 1000, 8000, 10_000, 10_000]);
});

Deno.test("child - one that ends is started again, with the environment of that moment", async () => {
  let starts = 0;
  const started = Promise.withResolvers<void>();
  const { child, lines } = childOf("Deno.exit(3)", () => {
    if (++starts === 3) started.resolve();
    return {};
  });
  child.start();
  await started.promise;
  await child.stop(1000);
  assert.deepEqual(lines.map(({ code }) => code), [3, 3]);
});

Deno.test("child - one whose configuration is wrong is not started again", async () => {
  const { child, lines } = childOf(`Deno.exit(${exitCodes.configuration})`);
  child.start();
  assert.equal(await child.refusal, exitCodes.configuration);
  assert.deepEqual(lines, []);
  await child.stop(1000);
});

Deno.test("child - one that was ready once is started again, with whatever code it ends", async () => {
  let starts = 0;
  const third = Promise.withResolvers<void>();
  const { child, lines } = childOf(
    `if (Deno.env.get("NTH") !== "1") Deno.exit(${exitCodes.configuration});
    console.log(Deno.pid); setInterval(() => {}, 1000)`,
    () => {
      if (++starts === 3) third.resolve();
      return { NTH: `${starts}` };
    },
  );
  child.start();
  const [pid] = await child.ready;
  Deno.kill(Number(pid), "SIGKILL");
  await Promise.race([third.promise, child.refusal]);
  await child.stop(1000);
  assert.deepEqual(lines.map(({ signal, code }) => signal ?? code), ["SIGKILL", 78]);
});

Deno.test("child - one that is told to stop before it was started does not start any more", async () => {
  let starts = 0;
  const { child } = childOf("", () => {
    starts++;
    return {};
  });
  await child.stop(1000);
  child.start();
  await child.stop(1000);
  assert.equal(starts, 0);
});

Deno.test("child - its first line says that it is ready, and its input ends with its parent's wish", async () => {
  const { child } = childOf(
    `console.log("ready", Deno.env.get("EXIT_WITH_PARENT")); setInterval(() => {}, 1000)`,
  );
  child.start();
  assert.deepEqual(await child.ready, ["ready 1"]);
  await child.stop(1000);
});

Deno.test("child - one that has more to say before it is ready says it in lines", async () => {
  const { child } = childOf(
    `await Deno.stdout.write(new TextEncoder().encode("one\\ntwo\\nthr")); console.log("ee"); setInterval(() => {}, 1000)`,
    undefined,
    3,
  );
  child.start();
  assert.deepEqual(await child.ready, ["one", "two", "three"]);
  await child.stop(1000);
});

Deno.test("child - one that does not listen to SIGTERM is killed after the grace, and the log says so", async () => {
  const { child, lines } = childOf(
    `Deno.addSignalListener("SIGTERM", () => {}); console.log("deaf"); setInterval(() => {}, 1000)`,
  );
  child.start();
  await child.ready;
  await child.stop(100);
  assert.match(lines.map(({ message }) => message).join(), /did not end in time/);
});

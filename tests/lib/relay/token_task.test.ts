import assert from "node:assert/strict";
import { serveRelay } from "./support.ts";

const viewerSecret = "a-viewer-secret-of-32-characters!";

async function tokenTask(args: string[], env: Record<string, string> = { VIEWER_SECRET: viewerSecret }) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-q",
      "--no-prompt",
      "--allow-env=VIEWER_SECRET",
      "lib/relay/access/token/main.ts",
      ...args,
    ],
    env,
  }).output();
  const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim());
  return { code, out, error };
}

Deno.test("the token task makes tokens that the relay accepts, and says what is missing", async () => {
  await using served = await serveRelay({ viewerSecret });
  const made = await tokenTask(["--role", "operator", "--hours", "12", "--name", "ada"], {
    VIEWER_SECRET: viewerSecret,
  });
  assert.deepEqual([made.code, made.error], [0, ""]);
  const holder = served.relay.viewer(
    new Request("http://x/", { headers: { authorization: `Bearer ${made.out}` } }),
  );
  assert.equal(holder?.role, "operator");
  const hours = ((holder?.expiresMs ?? 0) - Date.now()) / 3600 / 1000;
  assert.ok(hours > 11.9 && hours <= 12);
  const without = await tokenTask(["--role", "king"], { VIEWER_SECRET: "" });
  assert.equal(without.code, 78);
  assert.match(without.error ?? "", /--role/);
  assert.match(without.error ?? "", /VIEWER_SECRET/);
});

for (
  const [args, what] of [
    [["--hours", "-1"], /'--hours'/],
    [["--hours=-1"], /--hours: is below/],
    [["--role"], /'--role/],
    [["--role", "viewer", "ada"], /'ada'/],
    [["--nope"], /'--nope'/],
  ] as const
) {
  Deno.test(`the token task says in one line what is wrong with ${args.join(" ")}, and how it is used`, async () => {
    const { code, out, error = "" } = await tokenTask([...args]);
    assert.deepEqual([code, out], [78, ""]);
    const [line = "", ...usage] = error.split("\n");
    assert.match(line, what);
    assert.match(line, /^token: /);
    assert.deepEqual(usage, [
      "token: usage: VIEWER_SECRET=… deno task token [--role viewer|operator] [--hours 12] [--name ada]",
    ]);
  });
}

Deno.test("the token task says how it is used when it is asked", async () => {
  for (const asked of ["--help", "-h"]) {
    const { code, out = "", error } = await tokenTask([asked], {});
    assert.deepEqual([code, error], [0, ""]);
    assert.match(out, /^usage: .*--role viewer\|operator/);
  }
});

// Spans as they leave the relay's process, under the permissions that `deno task serve` gives it.

import assert from "node:assert/strict";
import { withoutToken } from "../../../lib/relay/metrics/telemetry.ts";
import { until } from "../../support/until.ts";

Deno.test("spans are exported for requests and upgrades, and no token stands in them", async () => {
  const exported: string[] = [];
  await using collector = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      exported.push(await request.text());
      return new Response();
    },
  );
  const dataDir = await Deno.makeTempDir({ prefix: "lightline-telemetry-" });
  const permissions = ["-P=relay", `--allow-read=_fresh,${dataDir}`, `--allow-write=${dataDir}`];
  const relay = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-prompt", ...permissions, "main.ts"],
    env: {
      PORT: "0",
      DATA_DIR: dataDir,
      AGENT_TOKEN: "agent-token-of-telemetry",
      VIEWER_SECRET: "v".repeat(32),
      LOG_FORMAT: "json",
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.addr.port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_BSP_SCHEDULE_DELAY: "50",
    },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  try {
    const output = relay.stdout.getReader();
    const address = new TextDecoder().decode((await output.read()).value).trim();
    output.releaseLock();
    const paths = [
      "/api/v1/readings?module=4&token=SECRET-1",
      "/login?%74oken=SECRET-2",
      "/ws?token=SECRET-3",
    ];
    for (const path of paths) await (await fetch(address + path)).body?.cancel();
    const upgrade = new WebSocket(`${address.replace("http", "ws")}/ws/updates?token=SECRET-4`);
    await new Promise((resolve) => upgrade.onclose = resolve);
    const text = () => exported.join();
    await until(
      "the spans",
      () => [...paths, "/ws/updates"].every((path) => text().includes(path.split("?")[0] ?? "")),
    );
    assert.match(text(), /module=4/);
    assert.doesNotMatch(text(), /SECRET|agent-token-of|vvvv/);
  } finally {
    relay.kill("SIGTERM");
    await relay.status;
    await relay.stdout.cancel();
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("a URL without its token keeps everything else", () => {
  assert.equal(withoutToken("http://h/p?module=4&token=x&since=a-1"), "http://h/p?module=4&since=a-1");
  assert.equal(withoutToken("token=x"), "");
  assert.equal(withoutToken("%74oken=x&a=%20"), "a=%20");
  assert.equal(withoutToken("http://h/token=x"), "http://h/token=x");
  assert.equal(withoutToken("TOKEN=eyJh.eyJ-.s_1&module=4;token=eyJh.eyJ-.s_1"), "TOKEN=…&module=4;token=…");
});

Deno.test("a URL keeps no token in the path to go to after logging in either", () => {
  assert.equal(
    withoutToken("http://h/login?next=%2Fmodules%2F4%3Fminutes%3D60%26token%3Dx&a=1"),
    "http://h/login?next=%2Fmodules%2F4%3Fminutes%3D60&a=1",
  );
  assert.equal(withoutToken("n%65xt=/%3F%2574oken=x"), "next=%2F%3F");
  assert.equal(withoutToken("next=/docs"), "next=%2Fdocs");
});

import assert from "node:assert/strict";
import { isOriginOf } from "../../../lib/relay/access/host.ts";
import { serveRelay, view } from "./support.ts";

Deno.test("pages of the relay's own host and of allowed origins may connect, others may not", async () => {
  await using served = await serveRelay({ allowedOrigins: ["https://pages.example"] });
  // A proxy that speaks HTTPS to browsers is not known here: the host counts.
  for (const origin of [`http://${served.host}`, `https://${served.host}`, "https://pages.example"]) {
    await using viewer = view(served.host, "power", { origin });
    assert.equal(await viewer.opened, true, `${origin} may connect`);
  }
  const strange = ["https://evil.example", "null", "http://127.0.0.1:1"];
  const misspelt = ["ftp://", "chrome-extension://", "http://evil@", "ws://"].map((start) =>
    start + served.host
  );
  for (const origin of [...strange, ...misspelt, `http://${served.host}/path`]) {
    await using viewer = view(served.host, "power", { origin });
    assert.equal(await viewer.opened, false, `${origin} may not connect`);
  }
});

const origins: [origin: string, host: string, isOf: boolean][] = [
  ["https://relay.example", "relay.example:443", true],
  ["http://relay.example", "relay.example:80", true],
  ["https://relay.example:8443", "Relay.Example:8443", true],
  ["http://[::1]:8000", "[::1]:8000", true],
  ["https://relay.example", "relay.example:8443", false],
  ["http://relay.example", "relay.example:443", false],
  ["https://relay.example", "relay.example.evil.example", false],
  ["https://relay.example", "user@relay.example", false],
  ["https://relay.example", "", false],
];
for (const [origin, host, isOf] of origins) {
  Deno.test(`a page of ${origin} is ${isOf ? "" : "not "}one of the host "${host}"`, () => {
    assert.equal(isOriginOf(origin, host), isOf);
  });
}

Deno.test("pages of allowed origins may poll, others cannot read the answer", async () => {
  await using served = await serveRelay({ allowedOrigins: ["https://pages.example"] });
  const allowed = async (origin: string) => {
    const response = await fetch(`http://${served.host}/api/v1/readings`, { headers: { origin } });
    await response.body?.cancel();
    return response.headers.get("access-control-allow-origin");
  };
  assert.equal(await allowed("https://pages.example"), "https://pages.example");
  assert.equal(await allowed("https://evil.example"), null);
});

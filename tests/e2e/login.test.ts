import assert from "node:assert/strict";
import { startLightline } from "../support/lightline.ts";

const secret = "a secret of a laboratory, forty characters";

async function tokenFor(role: string): Promise<string> {
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "-q", "token", "--role", role, "--hours", "1"],
    env: { VIEWER_SECRET: secret },
  }).output();
  assert.ok(success);
  return new TextDecoder().decode(stdout).trim().split("\n").at(-1) ?? "";
}

Deno.test("where viewers need a token, pages send everybody else to log in, and no log ever shows one", async () => {
  await using lightline = await startLightline({ VIEWER_SECRET: secret });
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(lightline.origin + path, { headers, redirect: "manual" });

  const stranger = await get("/modules/4?minutes=60");
  await stranger.body?.cancel();
  assert.equal(stranger.status, 303);
  assert.equal(stranger.headers.get("Location"), "/login?next=%2Fmodules%2F4%3Fminutes%3D60");

  const token = await tokenFor("viewer");
  const stale = await get(`/modules/4?minutes=60&token=${token.slice(0, -3)}abc`);
  await stale.body?.cancel();
  assert.equal(stale.headers.get("Location"), "/login?next=%2Fmodules%2F4%3Fminutes%3D60");
  const submit = (fields: Record<string, string>, origin = lightline.origin) =>
    fetch(`${lightline.origin}/login`, {
      method: "POST",
      headers: { Origin: origin },
      body: new URLSearchParams(fields),
      redirect: "manual",
    });
  const wrong = await submit({ token: "wrong" });
  assert.equal(wrong.status, 401);
  assert.match(await wrong.text(), /role="alert"/);
  assert.equal(wrong.headers.get("WWW-Authenticate"), "Bearer");
  const behindProxy = await submit({ token }, lightline.origin.replace("http", "https"));
  await behindProxy.body?.cancel();
  assert.equal(behindProxy.status, 303, "the proxy speaks HTTPS, and this end does not know");
  const foreign = await submit({ token }, "https://evil.example");
  assert.equal(foreign.status, 403);
  await foreign.body?.cancel();
  for (const next of ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1"]) {
    const elsewhere = await submit({ token, next });
    await elsewhere.body?.cancel();
    assert.equal(elsewhere.headers.get("Location"), "/");
  }
  const login = await submit({ token, next: "/modules/4" });
  await login.body?.cancel();
  assert.equal(login.headers.get("Location"), "/modules/4");
  const cookie = login.headers.get("Set-Cookie") ?? "";
  assert.match(cookie, /HttpOnly/);
  assert.match(cookie, /SameSite=Strict/);

  const page = await get("/", { Cookie: cookie.split(";")[0] ?? "" });
  assert.equal(page.status, 200);
  const html = await page.text();
  assert.equal(html.match(/class="number"/g)?.length, 4);
  assert.match(html, /Log out/);
  const out = await fetch(`${lightline.origin}/logout`, {
    method: "POST",
    headers: { Origin: lightline.origin },
    redirect: "manual",
  });
  await out.body?.cancel();
  assert.equal(out.headers.get("Location"), "/login");
  assert.match(out.headers.get("Set-Cookie") ?? "", /Max-Age=0/);

  const explicit = await get(`/?token=${token}`, { Cookie: "lightline_token=old" });
  await explicit.body?.cancel();
  assert.equal(explicit.status, 200);

  const query = await get(`/api/v1/readings?module=4&token=${token}`);
  await query.body?.cancel();
  assert.equal(query.status, 200);
  const forged = await get("/", { Authorization: `Bearer ${token.slice(0, -3)}abc` });
  await forged.body?.cancel();
  assert.equal(forged.status, 303);
  assert.ok(!lightline.lines.join("\n").includes(token));
});

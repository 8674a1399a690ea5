import assert from "node:assert/strict";
import { openPty, SerialError, SerialPort } from "deno-serial";
import { receive, send, text } from "./helpers.ts";

const folder = () => {
  const path = Deno.makeTempDirSync();
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
};

Deno.test("pty - clients come and go, the master stays", async () => {
  await using pty = openPty();
  for (const word of ["one", "two", "three"]) {
    await using client = new SerialPort(pty.path);
    await client.open({ baudRate: 115200 });
    await send(client, text(word));
    assert.deepEqual(await receive(pty, word.length), text(word));
  }
});

Deno.test("pty - the link points at the slave, follows a restart, and goes with its owner", async () => {
  using dir = folder();
  const link = `${dir.path}/ctp10`;
  const first = openPty({ link });
  assert.equal(Deno.readLinkSync(link), first.path);
  await using second = openPty({ link });
  assert.equal(Deno.readLinkSync(link), second.path);
  await first.close();
  assert.equal(Deno.readLinkSync(link), second.path);
  const client = new SerialPort(link);
  await client.open({ baudRate: 115200 });
  await send(client, text("found"));
  assert.deepEqual(await receive(second, 5), text("found"));
  await client.close();
  await second.close();
  assert.deepEqual([...Deno.readDirSync(dir.path)], []);
});

Deno.test("pty - a link left dangling by a killed owner is replaced", async () => {
  using dir = folder();
  const link = `${dir.path}/ctp10`;
  Deno.symlinkSync("/dev/pts/99999", link);
  await using pty = openPty({ link });
  assert.equal(Deno.readLinkSync(link), pty.path);
});

Deno.test("pty - a file that is no link is never replaced", () => {
  using dir = folder();
  const link = `${dir.path}/notes.txt`;
  Deno.writeTextFileSync(link, "precious");
  assert.throws(
    () => openPty({ link }),
    (error) => error instanceof SerialError && /something else has that name/.test(error.message),
  );
  assert.equal(Deno.readTextFileSync(link), "precious");
});

Deno.test("pty - a folder that is missing is named", () => {
  assert.throws(() => openPty({ link: "/nowhere/ctp10" }), /\/nowhere\/ctp10.*folder/);
});

Deno.test("pty - a reply that nobody reads waits, and a close ends the waiting", async () => {
  await using pty = openPty();
  assert.ok(pty.writable !== null);
  const stuck = assert.rejects(pty.writable.getWriter().write(new Uint8Array(1 << 20)));
  await pty.close();
  await stuck;
});

// Opens the port given as argument, says so or says why not, and holds it until standard input ends.

import { SerialError, SerialPort } from "deno-serial";

const [path = ""] = Deno.args;
await using port = new SerialPort(path);
try {
  await port.open({ baudRate: 115200 });
  console.log("open");
  await Deno.stdin.readable.pipeTo(new WritableStream());
} catch (error) {
  if (!(error instanceof SerialError)) throw error;
  console.log(`${error.kind}: ${error.message}`);
}

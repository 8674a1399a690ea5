// Where the meter is: the text of METER and METER_BULK, taken apart.

import { z } from "zod";

/** A serial device or a TCP port. */
export type MeterAddress =
  | { readonly type: "serial"; readonly path: string; readonly baudRate: number }
  | { readonly type: "tcp"; readonly host: string; readonly port: number };

const defaultBaudRate = 115_200;
const defaultPort = 5025;

/** `serial:/dev/ttyUSB0?baud=115200` or `tcp:ctp10.example:5025`, as a zod schema. */
export const meterAddress: z.ZodType<MeterAddress, string> = z.string().transform((text, context) => {
  const address = parse(text);
  if (address !== undefined) return address;
  context.addIssue("is neither serial:<device>?baud=115200 nor tcp:<host>:5025");
  return z.NEVER;
});

function parse(text: string): MeterAddress | undefined {
  const serial = /^serial:([^?]+)(?:\?baud=(\d{1,8}))?$/.exec(text);
  if (serial?.[1] !== undefined) {
    const baudRate = Number(serial[2] ?? defaultBaudRate);
    return baudRate > 0 ? { type: "serial", path: serial[1], baudRate } : undefined;
  }
  const tcp = /^tcp:(\[[0-9a-fA-F:.]+\]|[^:/?\s]+)(?::(\d{1,5}))?$/.exec(text);
  if (tcp?.[1] === undefined) return undefined;
  const port = Number(tcp[2] ?? defaultPort);
  if (port < 1 || port > 65535) return undefined;
  return { type: "tcp", host: tcp[1].replace(/^\[|\]$/g, ""), port };
}

// What a UART reads of bytes that were sent at another baud rate: the bits on the line, sampled at the wrong moments.

/** Bit 0 starts a byte, bit 1 ends it, and an idle line is 1. */
function lineBits(bytes: Uint8Array): Uint8Array {
  const bits = new Uint8Array(bytes.length * 10);
  bytes.forEach((byte, index) => {
    for (let bit = 0; bit < 8; bit++) bits[index * 10 + 1 + bit] = (byte >> bit) & 1;
    bits[index * 10 + 9] = 1;
  });
  return bits;
}

/** The bytes that a receiver at `receiverBaud` makes of `bytes` sent without a pause at `senderBaud`; 8N1. */
export function misread(
  bytes: Uint8Array,
  senderBaud: number,
  receiverBaud: number,
): Uint8Array<ArrayBuffer> {
  const bits = lineBits(bytes);
  const level = (time: number) => bits[Math.floor(time)] ?? 1;
  // The sender's bits that go by in one of the receiver's.
  const step = senderBaud / receiverBaud;
  const read: number[] = [];
  let time = 0;
  while (time < bits.length) {
    if (level(time) === 1) {
      // A start bit begins where one of the sender's bits does.
      time = Math.floor(time) + 1;
      continue;
    }
    if (level(time + step / 2) === 1) {
      time += Math.min(step / 2, 1);
      continue;
    }
    let byte = 0;
    for (let bit = 0; bit < 8; bit++) byte |= level(time + (1.5 + bit) * step) << bit;
    read.push(byte);
    time += 9.5 * step;
    // No stop bit: a framing error. The byte is delivered, and the line has to rise before the next one starts.
    while (time < bits.length && level(time) === 0) time = Math.floor(time) + 1;
  }
  return Uint8Array.from(read);
}

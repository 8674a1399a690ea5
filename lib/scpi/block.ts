// Definite-length blocks, `#<n><length><bytes>` (IEEE 488.2 section 8.7.9): the only binary thing in a reply.

/** What the first bytes of a reply say about the block that they may open. */
export type BlockHeader =
  | { readonly type: "incomplete" }
  /** The block's bytes follow after `headerBytes`, and there are `length` of them. */
  | { readonly type: "block"; readonly headerBytes: number; readonly length: number }
  /** These bytes do not open a definite-length block. */
  | { readonly type: "invalid" };

const mark = 0x23;

/** A block of these bytes, its header before them: `#216` and 16 bytes. */
export function formatBlock(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = String(payload.length);
  const header = new TextEncoder().encode(`#${length.length}${length}`);
  const block = new Uint8Array(header.length + payload.length);
  block.set(header);
  block.set(payload, header.length);
  return block;
}

/** Reads a block's header from as many bytes as have arrived; at most eleven are looked at. */
export function readBlockHeader(bytes: Uint8Array): BlockHeader {
  const [first, second] = bytes;
  if (first === undefined) return { type: "incomplete" };
  if (first !== mark) return { type: "invalid" };
  if (second === undefined) return { type: "incomplete" };
  const digits = second - 0x30;
  if (digits < 1 || digits > 9) return { type: "invalid" };
  const written = String.fromCharCode(...bytes.subarray(2, 2 + digits));
  if (!/^\d*$/.test(written)) return { type: "invalid" };
  if (written.length < digits) return { type: "incomplete" };
  return { type: "block", headerBytes: 2 + digits, length: Number(written) };
}

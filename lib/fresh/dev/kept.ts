/**
 * What takes a build long to make and seldom changes, kept in a folder from one build to the next, under a hash of what it
 * was made of.
 */
import { createHash } from "node:crypto";
import { remove } from "./remove.ts";

/** Bytes that were made before. */
export class Kept {
  readonly #folder: string;
  readonly #names = new Set<string>();

  /** In a folder that need not be there. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What `make` makes of `input`, or has made of it earlier; `how` says how it does so, version and settings included. */
  async bytes(
    how: string,
    input: string | Uint8Array,
    make: () => Promise<Uint8Array>,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const name = createHash("sha256").update(how).update("\n").update(input).digest("hex");
    this.#names.add(name);
    const path = `${this.#folder}/${name}`;
    const kept = await read(path);
    if (kept !== null) return kept;
    const made = new Uint8Array(await make());
    await Deno.mkdir(this.#folder, { recursive: true });
    await Deno.writeFile(path, new Uint8Array([...digest(made), ...made]));
    return made;
  }

  /** Forgets what nobody has asked for. */
  async forgetOthers(): Promise<void> {
    await Deno.mkdir(this.#folder, { recursive: true });
    for await (const { name } of Deno.readDir(this.#folder)) {
      if (!this.#names.has(name)) await remove(`${this.#folder}/${name}`);
    }
  }
}

const digestLength = 32;
const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();

/** The bytes behind their hash; null where there are none, or not as they were written: another build may be writing them. */
async function read(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const content = await Deno.readFile(path);
    const bytes = content.subarray(digestLength);
    return digest(bytes).equals(content.subarray(0, digestLength)) ? bytes : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

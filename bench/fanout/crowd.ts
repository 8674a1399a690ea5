// Many viewers at little cost: plain TCP connections that shake hands as WebSockets, read whatever has arrived four times
// a second at most, some of them at a time so that the machine's other work is disturbed evenly, count frames and answer
// pings. A real client would need more CPU than the server that is measured.

const slices = 25;
const sliceMs = 10;
const pong = new Uint8Array([0x8a, 0x80, 0, 0, 0, 0]);
/** Socket.IO's ping is a text of its own, of one character. */
const textPong = maskedText("3");

/** Connections that count what they are sent. */
export class Crowd {
  readonly #members: Member[] = [];
  /** By slice: who has its turn to read next. */
  readonly #turns = Array.from({ length: slices }, () => Promise.withResolvers<void>());
  #turning: ReturnType<typeof setInterval> | undefined;

  /** Connects `count` viewers. */
  static async connect(port: number, path: string, greeting: string | null, count: number): Promise<Crowd> {
    const crowd = new Crowd();
    while (crowd.#members.length < count) {
      const batch = Math.min(50, count - crowd.#members.length);
      crowd.#members.push(
        ...await Promise.all(Array.from({ length: batch }, () => Member.connect(port, path, greeting))),
      );
    }
    return crowd;
  }

  /** Frames so far. */
  get received(): number {
    return this.#members.reduce((sum, { frames }) => sum + frames, 0);
  }

  /** Reads until {@linkcode Crowd.close}. */
  read(): void {
    let slice = 0;
    this.#turning = setInterval(() => {
      slice = (slice + 1) % slices;
      this.#turns[slice]?.resolve();
      this.#turns[slice] = Promise.withResolvers();
    }, sliceMs);
    for (const [index, member] of this.#members.entries()) this.#follow(member, index % slices);
  }

  /** Ends every connection. */
  close(): void {
    clearInterval(this.#turning);
    for (const member of this.#members) member.close();
  }

  async #follow(member: Member, slice: number): Promise<void> {
    while (await member.readAll()) await this.#turns[slice]?.promise;
  }
}

class Member {
  frames = 0;
  readonly #connection: Deno.TcpConn;
  readonly #buffer = new Uint8Array(8192);
  // Bytes of the current frame that are still to come, and the header bytes seen of the next one.
  #skip = 0;
  #header: number[] = [];

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  static async connect(port: number, path: string, greeting: string | null): Promise<Member> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const request = [
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Key: ${btoa("0123456789abcdef")}`,
      "Sec-WebSocket-Version: 13",
      "\r\n",
    ];
    await connection.write(new TextEncoder().encode(request.join("\r\n")));
    const answer = new Uint8Array(4096);
    const length = await connection.read(answer) ?? 0;
    const text = new TextDecoder().decode(answer.subarray(0, length));
    if (!text.startsWith("HTTP/1.1 101")) {
      throw new Error(`The server refused a viewer: ${text.split("\r\n")[0]}`);
    }
    const member = new Member(connection);
    member.#count(answer.subarray(text.indexOf("\r\n\r\n") + 4, length));
    if (greeting !== null) await connection.write(maskedText(greeting));
    return member;
  }

  /** Waits for bytes, and takes all that have come; false where it has ended. */
  async readAll(): Promise<boolean> {
    try {
      for (let length: number | null = this.#buffer.length; length === this.#buffer.length;) {
        length = await this.#connection.read(this.#buffer);
        if (length === null) return false;
        this.#count(this.#buffer.subarray(0, length));
      }
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    this.#connection.close();
  }

  #answer(frame: Uint8Array): void {
    this.#connection.write(frame).catch(() => {});
  }

  #count(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, bytes.length - at);
        this.#skip -= step;
        at += step;
        continue;
      }
      this.#header.push(bytes[at++] ?? 0);
      const [kind = 0, length = 0, high = 0, low = 0] = this.#header;
      if (this.#header.length < 2 || (length === 126 && this.#header.length < 4)) continue;
      this.#skip = length === 126 ? high * 256 + low : length;
      this.#header = [];
      if (kind === 0x89) this.#answer(pong);
      else if (length === 1) this.#answer(textPong);
      else this.frames += 1;
    }
  }
}

function maskedText(text: string): Uint8Array<ArrayBuffer> {
  // A mask of zeros leaves the text as it is.
  return new Uint8Array([0x81, 0x80 | text.length, 0, 0, 0, 0, ...new TextEncoder().encode(text)]);
}

// A crowd on a thread of its own, for a measurement of latency that it must not disturb: it is told where to connect,
// says when it has, and answers every further message with the frames so far.

import { Crowd } from "./crowd.ts";

/** Where to connect. */
export interface CrowdRequest {
  readonly port: number;
  readonly path: string;
  readonly count: number;
}

let crowd: Crowd | null = null;
addEventListener("message", async ({ data }: MessageEvent<CrowdRequest | null>) => {
  if (data) {
    crowd = await Crowd.connect(data.port, data.path, null, data.count);
    crowd.read();
  }
  postMessage(crowd?.received ?? 0);
});

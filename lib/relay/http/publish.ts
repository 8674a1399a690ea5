// `POST /api/v1/events/<channel>`: agents and other programs that have their token publish on a channel.

import { z } from "zod";
import { channelName, otherPublication, type Publication, publications } from "../../protocol/mod.ts";
import type { Channels } from "../fanout/channels.ts";
import { isoTime } from "../fanout/outgoing.ts";
import { problemResponse } from "./problems.ts";

const body = z.record(z.string(), z.unknown());
const notJson = Symbol("not JSON");

/** Publishes what the request brings on the channel that its path names; `type` and `timestamp` may be left out where they are clear. */
export async function answerPublish(
  channels: Channels,
  path: string,
  request: Request,
  nowMs: number,
): Promise<Response> {
  const channel = decoded(path);
  if (channel === "lasers") {
    return problemResponse(403, {
      title: "This channel is the relay's own",
      detail: "Which lasers shine is said by the agents alone.",
    });
  }
  if (!channelName.safeParse(channel).success || channel.startsWith("power/")) {
    return problemResponse(404, {
      title: "There is no such channel",
      detail: `Nothing can be published on ${channel}: use one of ${
        Object.keys(publications).filter((name) => name !== "lasers").join(", ")
      }/<id> or <who>:<what>.`,
    });
  }
  const publication = readPublication(channel, await readJson(request), nowMs);
  if (!publication.ok) {
    return problemResponse(422, {
      title: "The message does not fit the channel",
      errors: publication.errors,
    });
  }
  return Response.json({ channel, viewers: channels.publish(channel, publication.message) }, { status: 202 });
}

type Read =
  | { readonly ok: true; readonly message: Publication }
  | { readonly ok: false; readonly errors: readonly { name: string; reason: string }[] };

function readPublication(channel: string, given: unknown, nowMs: number): Read {
  const found = body.safeParse(given);
  if (!found.success) {
    const reason = given === notJson ? "the body is not JSON" : "the body is not a JSON object";
    return { ok: false, errors: [{ name: "", reason }] };
  }
  const [kind = "", id] = channel.split("/");
  const schema: z.ZodType<Publication> = Object.hasOwn(publications, kind)
    ? publications[kind as keyof typeof publications]
    : otherPublication;
  const timed = kind === "characteristic" ? {} : { timestamp: isoTime(nowMs) };
  const result = schema.safeParse({ ...defaultType(kind), ...timed, ...found.data });
  if (!result.success) {
    const errors = result.error.issues.map(({ path, message }) => ({
      name: path.join("."),
      reason: message,
    }));
    return { ok: false, errors };
  }
  const message = result.data;
  if ("payload" in message && message.payload.characteristic_id !== Number(id)) {
    return {
      ok: false,
      errors: [{ name: "payload.characteristic_id", reason: `is not the channel's (${id})` }],
    };
  }
  if (message.type.includes(":") && message.type !== channel) {
    return { ok: false, errors: [{ name: "type", reason: `is not the channel's (${channel})` }] };
  }
  return { ok: true, message };

  function defaultType(name: string): { type?: string } {
    if (name === "events" || name === "characteristic") return {};
    return { type: name === "metrics" ? "metrics_update" : name === "sweep" ? "sweep_progress" : channel };
  }
}

/** As it is where its percent signs encode nothing: then it is no channel's name either. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

async function readJson(request: Request): Promise<unknown> {
  const text = await request.text();
  try {
    return JSON.parse(text);
  } catch {
    return notJson;
  }
}

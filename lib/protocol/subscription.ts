// Many channels on one socket: what a viewer says on `/ws` and `/ws/updates`, and how the relay confirms it.

import { z } from "zod";
import { otherChannel, publications } from "./publication.ts";
import { viewerMessage } from "./viewer.ts";

const numbered = /^(power\/([1-9]|1[0-9]|20)|characteristic\/[1-9][0-9]{0,8})$/;

/** A channel's name: `power/<module>`, `characteristic/<id>`, one of {@linkcode publications}, or `<who>:<what>`. */
export const channelName = z.string().refine(
  (name) =>
    numbered.test(name) || otherChannel.test(name) ||
    (name !== "characteristic" && Object.hasOwn(publications, name)),
  "is not a channel",
);

const characteristicIds = z.array(z.number().int().min(1).max(999_999_999)).max(256);
const channelNames = z.array(channelName).max(256);

const selection = { channels: channelNames.optional(), characteristic_ids: characteristicIds.optional() };
const named = (choice: { channels?: unknown; characteristic_ids?: unknown }) =>
  choice.channels !== undefined || choice.characteristic_ids !== undefined;
const namesNothing = "channels or characteristic_ids must be given";

const envelope = { timestamp: z.unknown().optional() };

const subscription = z.strictObject({
  ...selection,
  /** Seconds, for `power/…`. */
  interval: z.number().min(0.01).max(10).optional(),
  /** A cursor, for `power/…`; one that cannot be read is answered with `bad_cursor`. */
  since: z.string().optional(),
});

/** What a viewer may send on `/ws`. */
export const channelMessage = z.discriminatedUnion("type", [
  viewerMessage,
  subscription.extend({ type: z.literal("subscribe"), ...envelope }).refine(named, namesNothing),
  z.strictObject({ type: z.literal("unsubscribe"), ...selection, ...envelope }).refine(named, namesNothing),
]);

/** What a viewer may send on `/ws/updates`. */
export const updatesMessage = z.discriminatedUnion("event", [
  z.strictObject({ event: z.literal("ping"), data: z.unknown().optional(), ...envelope }),
  z.strictObject({
    event: z.literal("subscribe"),
    data: subscription.refine(named, namesNothing),
    ...envelope,
  }),
  z.strictObject({
    event: z.literal("unsubscribe"),
    data: z.strictObject(selection).refine(named, namesNothing),
    ...envelope,
  }),
]);

/** The relay's answer, with the keys that the viewer used. */
export const subscribed = z.strictObject({ type: z.enum(["subscribed", "unsubscribed"]), ...selection });

/** Everything that the relay sends on `/ws/updates`. */
export const update = z.strictObject({
  event: z.string(),
  data: z.record(z.string(), z.unknown()),
  timestamp: z.iso.datetime(),
});

/** See {@linkcode channelMessage}. */
export type ChannelMessage = z.infer<typeof channelMessage>;
/** See {@linkcode subscribed}. */
export type Subscribed = z.infer<typeof subscribed>;
/** See {@linkcode update}. */
export type Update = z.infer<typeof update>;

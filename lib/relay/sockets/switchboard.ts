// `/ws` and `/ws/updates`: many channels on one socket, joined and left while it is open. The two differ in the
// envelope alone, and in what a viewer gets that asks for nothing.

import {
  type ChannelMessage,
  channelMessage,
  type Cursor,
  parseCursor,
  updatesMessage,
} from "../../protocol/mod.ts";
import type { Channels, ChannelSubscriber } from "../fanout/channels.ts";
import type { Connection, Handler } from "./connection.ts";
import { decode } from "./decode.ts";
import type { Hub } from "../fanout/hub.ts";
import { pong } from "../fanout/messages.ts";
import type { Outgoing } from "../fanout/outgoing.ts";
import { type PowerContext, PowerSubscription } from "../fanout/power.ts";

/** What a viewer of `/ws` gets without asking: the clients of document 002 never subscribe. */
const typedDefaults = ["events", "metrics"];
/** The same for document 003's on `/ws/updates`. */
const eventedDefaults = ["services:health", "stations:status", "signals:detected", "localizations:updated"];

const channelsAtMost = 512;
const defaultIntervalMs = 100;
/** Characters of a wrong value that an error repeats. */
const quotedAtMost = 80;

/** What the switchboard connects viewers to. */
export interface Switchboard {
  readonly channels: Channels;
  readonly hub: Hub;
  readonly power: PowerContext;
  /** Which lasers shine, in words; null: nobody knows. */
  readonly lit: () => string | null;
}

/** A channel that a viewer gets. */
interface Membership {
  /** Of a power channel. */
  readonly power?: PowerSubscription;
  leave(): void;
}

interface Choice {
  readonly channels?: readonly string[] | undefined;
  readonly characteristic_ids?: readonly number[] | undefined;
}

/** One viewer of many channels. */
export class ChannelsHandler implements Handler, ChannelSubscriber {
  readonly #board: Switchboard;
  readonly #joined = new Map<string, Membership>();
  #connection: Connection | null = null;

  /** Begins when its socket opens. */
  constructor(board: Switchboard) {
    this.#board = board;
  }

  /** Joins the defaults of its dialect. */
  opened(connection: Connection): void {
    this.#connection = connection;
    if (connection.dialect === "evented") connection.say({ type: "connected" });
    for (const channel of connection.dialect === "evented" ? eventedDefaults : typedDefaults) {
      this.#join(channel);
    }
  }

  /** `subscribe`, `unsubscribe` or `ping`. */
  received(connection: Connection, text: string): void {
    const message = connection.dialect === "evented" ? decodeUpdate(text) : decode(channelMessage, text);
    if (typeof message === "string") return connection.reject(message);
    switch (message.type) {
      case "ping":
        return connection.say(pong(this.#board.power.now()));
      case "subscribe":
        return this.#subscribe(connection, message);
      case "unsubscribe":
        for (const channel of names(message)) this.#leave(channel);
        return connection.say({ ...chosen(message), type: "unsubscribed" });
    }
  }

  /** Something was published on a channel that it joined. */
  publication(message: Outgoing): void {
    this.#connection?.send(message);
  }

  /** Leaves every channel. */
  ended(): void {
    for (const { leave } of this.#joined.values()) leave();
    this.#joined.clear();
  }

  #subscribe(connection: Connection, message: Extract<ChannelMessage, { type: "subscribe" }>): void {
    const since = message.since === undefined ? undefined : parseCursor(message.since);
    if (since === null) {
      return connection.reject(
        `${message.since?.slice(0, quotedAtMost)} is not a cursor (<epoch>-<seq>)`,
        "bad_cursor",
      );
    }
    const wanted = names(message);
    if (since && wanted.filter((channel) => channel.startsWith("power/")).length > 1) {
      return connection.reject(
        "since is the cursor of one module: subscribe to one power channel at a time",
        "bad_cursor",
      );
    }
    if (new Set([...this.#joined.keys(), ...wanted]).size > channelsAtMost) {
      return connection.reject(`a socket may have ${channelsAtMost} channels`, "too_many_channels");
    }
    connection.say({ ...chosen(message), type: "subscribed" });
    for (const channel of wanted) this.#join(channel, message.interval, since);
  }

  #join(channel: string, intervalS?: number, since?: Cursor): void {
    const connection = this.#connection;
    if (!connection || connection.ended) return;
    const known = this.#joined.get(channel);
    if (known && !since) {
      if (intervalS !== undefined) known.power?.retime(intervalS * 1000);
      return;
    }
    known?.leave();
    const module = /^power\/(\d+)$/.exec(channel)?.[1];
    const { hub, channels } = this.#board;
    if (module === undefined) {
      this.#joined.set(channel, { leave: () => channels.leave(channel, this) });
      channels.join(channel, this);
      return;
    }
    const power = new PowerSubscription(
      connection,
      hub.stream(Number(module)),
      intervalS === undefined ? known?.power?.intervalMs ?? defaultIntervalMs : intervalS * 1000,
      this.#board.power,
    );
    this.#joined.set(channel, { power, leave: () => power.stop() });
    power.start(since);
  }

  #leave(channel: string): void {
    this.#joined.get(channel)?.leave();
    this.#joined.delete(channel);
  }
}

function decodeUpdate(text: string): ChannelMessage | string {
  const message = decode(updatesMessage, text);
  if (typeof message === "string") return message;
  return message.event === "ping" ? { type: "ping" } : { ...message.data, type: message.event };
}

function names({ channels = [], characteristic_ids = [] }: Choice): string[] {
  return [...new Set([...channels, ...characteristic_ids.map((id) => `characteristic/${id}`)])];
}

function chosen(
  { channels, characteristic_ids }: Choice,
): { channels?: string[]; characteristic_ids?: number[] } {
  return {
    ...(channels === undefined ? {} : { channels: [...channels] }),
    ...(characteristic_ids === undefined ? {} : { characteristic_ids: [...characteristic_ids] }),
  };
}

// The sockets' endpoints, as logs and metrics name them.

/** Every endpoint. */
export const endpoints = ["power", "health", "sweep", "ws", "updates", "agent"] as const;
/** One of {@linkcode endpoints}. */
export type Endpoint = typeof endpoints[number];

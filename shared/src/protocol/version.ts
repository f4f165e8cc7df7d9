/** The WebSocket subprotocol of our own clients. A connection without it speaks the y-websocket dialect. */
export const SUBPROTOCOL = 'coscribe.v1'

/**
 * Every version of `coscribe.v1`, oldest first: one line per change of the wire.
 *
 * The rule for old peers: a client states the newest version it speaks in `open`; the server answers in `hello` with
 * the lower of that and its own, and from then on both send only what this version knows, so an unknown message type
 * is always a fault. The layouts of `open`, `hello`, `closed`, `ping` and `pong` never change: what is new travels in
 * new messages. Below the oldest accepted version the channel is closed with 4426, and nothing was merged.
 */
export const protocolHistory: readonly { readonly version: number; readonly change: string }[] =
  /* @__PURE__ */ Object.freeze([
    { version: 1, change: 'the first version' },
    { version: 2, change: 'titles: info, rename and renamed' },
  ])

/** The version this code speaks. */
export const PROTOCOL_VERSION = 2

/** From this version on, the two ends tell each other of titles. */
export const TITLES_VERSION = 2

/** The oldest version this code still speaks. */
export const OLDEST_PROTOCOL_VERSION = 1

/** The version two ends use: the lower one, or `null` when that is older than this end accepts. */
export function commonVersion(theirs: number): number | null {
  const version = Math.min(theirs, PROTOCOL_VERSION)
  return version >= OLDEST_PROTOCOL_VERSION ? version : null
}

import type { CloseName } from '@coscribe/shared'
import type { Channel } from './channels.js'
import type { Refusal } from './refusal.js'
import type { Session } from './session.js'

/** What a connection says and understands. */
export interface Dialect {
  /** A frame for clients that take silence for death, or `null` if pings are enough. */
  readonly keepAlive: Uint8Array | null
  /** The same for one that is left unread, and can ask as often as it wants. */
  readonly unreadKeepAlive: Uint8Array
  /** Whether a message above the usual size may be arriving. */
  readonly expectsAnswer: boolean
  /** The connection stands. */
  opened(): void
  /** One binary message. The bytes lie in memory that other messages share: what is kept of them is copied. */
  receive(bytes: Uint8Array): void
  /** Enqueue what is sent in its latest state only. */
  collect(): void
  /** Those that are there now. */
  readonly sessions: Iterable<Channel>
  /** Ends one of them, with the reason. */
  evict(session: Session, refusal: Refusal): void
  /** The server stops; reconnect after this delay. */
  goingAway(delayMs: number): void
  /** Last words before the socket closes. */
  parting(name: CloseName, reason: string): void
  /** The connection is over: leave every room. */
  closed(): void
}

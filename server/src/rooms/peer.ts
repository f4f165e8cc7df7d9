import type { Access, CloseName, ErrorCode, ServerMessage } from '@coscribe/shared'
import type { UpdateBatch } from './update-batch.js'

/**
 * The few members a room needs of a session: one connection's membership of one document.
 * None of them throws or waits; a peer that cannot keep up deals with it behind this interface.
 */
export interface Peer {
  /** Unique in the process, for as long as it runs. */
  readonly sessionId: string
  /** Who it is: equal for two sessions exactly if they belong to the same principal. */
  readonly principal: string
  /** Who others are told that it is, whatever it says; its own word counts when absent or empty. */
  readonly userId?: string
  /** Along with that, what others are shown as its name; its own word counts when absent or empty. */
  readonly name?: string
  /** Whose credential it came by; absent or empty where nobody is asked. */
  readonly subject?: string
  /**
   * Who is remembered for good as the author of what it writes: equal for whoever proves to be the same, now and after a
   * restart. Absent or empty for who cannot.
   */
  readonly authorId?: string
  /** What it may do now. */
  readonly access: Access

  /** Updates of one flush of the room; the peer leaves out the ones it authored. */
  deliver(batch: UpdateBatch): void

  /**
   * A message for this peer alone, never dropped. `presence` comes this way only as a few bytes about the peer itself; the states of others go through
   * {@link presenceChanged}.
   */
  send(message: ServerMessage): void

  /**
   * Presence of these awareness client ids changed. The peer reads the states when it is able to write
   * ({@link PresenceSource}), so that only the latest is ever sent. `own`, which it speaks for itself, may be among them
   * and is left out: all who are told of the same change are given the same array.
   */
  presenceChanged(clientIds: readonly number[], own: number | null, source: PresenceSource): void

  /**
   * Everything up to `seq` of the room's log is on disk. Called once per commit for a peer that a receipt has promised
   * a number which is not on disk yet, until it is.
   */
  durable(seq: number): void

  /** What became of a message that was held: accepted or refused. */
  decided(message: HeldMessage, receipt: Receipt): void

  /** Why the document cannot be written by anybody at the moment, or `null` when that is over. */
  writable(reason: ReadOnlyReason | null): void

  /** The document has another title, which is on disk. Without it, it is not told. */
  retitled?(): void

  /** Reads nothing from the other end until {@link letOn}: it writes faster than the disk takes it. */
  hold(): void

  /** Reads on after {@link hold}; what had been read already is handled in this call. */
  letOn(): void

  /**
   * Asks the other end for a sign of life and calls `alive` once when the answer is there, never if there is none.
   * Nothing that arrived before counts.
   */
  probe(alive: () => void): void

  /**
   * Whether it may bring this many clients that the document has not seen, which count if so: `null`, or why not, in
   * words for the person. Without it, anybody may.
   */
  brings?(clients: number): string | null

  /** The room is over for this peer; it will hear nothing more from the room. */
  close(name: CloseName, reason: string): void
}

/** Knows the newest presence of clients. */
export interface PresenceSource {
  /** Of those that were ever here; one that left is gone in its state. */
  states(clientIds: Iterable<number>): EncodedState[]
}

/** One client's presence as an awareness update strings them together. */
export interface EncodedState {
  readonly clientId: number
  readonly encoded: Uint8Array
}

/** Why a document is read-only for everybody. */
export interface ReadOnlyReason {
  readonly code: Extract<ErrorCode, 'storage-unavailable' | 'document-unavailable' | 'read-only'>
  readonly message: string
}

/** A message of which it is decided later what becomes of it. */
export interface HeldMessage {
  /** Its number among those of the peer, which writes it here. */
  count: number
}

/** What became of an update a peer sent. */
export type Receipt =
  /** Known or taken: acknowledge it when everything up to `seq` is on disk. */
  | { readonly outcome: 'accepted'; readonly seq: number }
  /** Parts of it wait for somebody else's word: acknowledge it, and what follows, after {@link Peer.decided}. */
  | { readonly outcome: 'held'; readonly message: HeldMessage }
  /** Not stored and not relayed. */
  | { readonly outcome: 'refused'; readonly code: ErrorCode; readonly message: string }
  /** The bytes are not an acceptable update at all; close the connection. */
  | { readonly outcome: 'malformed'; readonly message: string }

export type Refused = Extract<Receipt, { readonly outcome: 'refused' }>

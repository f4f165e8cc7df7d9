import { StateEffect, StateField, Transaction, type SelectionRange } from '@codemirror/state'
import { mapRange } from './map-range.js'
import type { PeerLook } from './peer-state.js'
import type { Activity } from './who.js'

/** Somebody else, or another tab of the same person, as an editor shows them. */
export interface ShownPeer extends PeerLook {
  readonly clientId: number
  /** Who they are, in all their tabs. */
  readonly person: string
  /** Whether it is the person of this editor, in another tab. */
  readonly isSelf: boolean
  /** Of the person, in whichever tab. */
  readonly activity: Activity
  readonly focused: boolean
  /** Whether they did something a moment ago, and the name is to be seen. */
  readonly active: boolean
  /** In positions of the view; the main one first. */
  readonly ranges: readonly SelectionRange[]
}

/** Replaces everybody. */
export const showPeers = StateEffect.define<readonly ShownPeer[]>()
/** The pointer is at the caret of this client, or at none. */
export const hoverPeer = StateEffect.define<number | null>()

/** Everybody else whose cursors are shown. Between their messages, cursors move with the text. */
export const shownPeers = StateField.define<readonly ShownPeer[]>({
  create: () => [],
  update(peers, transaction) {
    const moved = transaction.docChanged ? peers.map((peer) => movePeer(peer, transaction)) : peers
    return transaction.effects.reduce(
      (last, effect) => (effect.is(showPeers) ? effect.value : last),
      moved,
    )
  },
})

/** Whose name is to be seen because of the pointer. */
export const hoveredPeer = StateField.define<number | null>({
  create: () => null,
  update: (value, { effects }) =>
    effects.reduce((last, effect) => (effect.is(hoverPeer) ? effect.value : last), value),
})

function movePeer(peer: ShownPeer, transaction: Transaction): ShownPeer {
  // Whoever writes elsewhere most likely writes at their caret and moves it; what we write there stays behind it.
  const side = transaction.annotation(Transaction.remote) === true ? 1 : -1
  return { ...peer, ranges: peer.ranges.map((range) => mapRange(range, transaction.changes, side)) }
}

import { StateEffect, StateField, Transaction, type EditorState } from '@codemirror/state'
import { shownPeers, showPeers, type ShownPeer } from './shown-peers.js'

/** Whom an editor follows. */
export interface Followed {
  /** As `personOf` has them. */
  readonly person: string
  readonly name: string
  readonly hue: number
}

/** Why somebody is not followed any more. */
export type FollowEnd = 'asked' | 'typed' | 'escape' | 'scrolled' | 'left'

/** Begins to follow somebody. */
export const beginFollowing = StateEffect.define<Followed>()
/** Follows nobody any more. */
export const endFollowing = StateEffect.define<FollowEnd>()

/** Whom this editor follows; nobody any more once its user has changed the text. */
export const followed = StateField.define<Followed | null>({
  create: () => null,
  update(value, transaction) {
    let now = isOwnEdit(transaction) ? null : value
    for (const effect of transaction.effects) {
      if (effect.is(beginFollowing)) now = effect.value
      if (effect.is(endFollowing)) now = null
      if (effect.is(showPeers) && now !== null) now = looking(now, effect.value)
    }
    return now
  },
})

/** Whether the text was changed from here. */
export function isOwnEdit(transaction: Transaction): boolean {
  return transaction.docChanged && transaction.annotation(Transaction.remote) !== true
}

/** Where somebody is in the text: in the tab in which they did something last, or `null`. */
export function tabInText(state: EditorState, person: string): ShownPeer | null {
  const tabs = (state.field(shownPeers, false) ?? []).filter(
    (peer) => peer.person === person && !peer.isSelf && peer.ranges.length > 0,
  )
  return tabs.toSorted((one, two) => livelinessOf(two) - livelinessOf(one))[0] ?? null
}

function livelinessOf({ active, focused }: ShownPeer): number {
  return (active ? 2 : 0) + (focused ? 1 : 0)
}

/** They may have taken another name or hue. */
function looking(value: Followed, peers: readonly ShownPeer[]): Followed {
  const peer = peers.find(({ person }) => person === value.person)
  if (peer === undefined || (peer.name === value.name && peer.hue === value.hue)) return value
  return { person: value.person, name: peer.name, hue: peer.hue }
}

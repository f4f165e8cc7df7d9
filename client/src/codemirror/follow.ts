import {
  EditorState,
  type Extension,
  type Transaction,
  type TransactionSpec,
} from '@codemirror/state'
import { EditorView, ViewPlugin } from '@codemirror/view'
import { systemClock, type Clock } from '@coscribe/shared'
import { FollowFrame } from './follow-frame.js'
import {
  beginFollowing,
  endFollowing,
  followed,
  isOwnEdit,
  type Followed,
  type FollowEnd,
} from './follow-state.js'
import { followTheme } from './follow-theme.js'
import { FollowWatch, type FollowChange } from './follow-watch.js'
import { othersWords, type OthersWords } from './others-words.js'
import { shownPeers } from './shown-peers.js'
import { overVisiblePart } from './visible-part.js'

/** Options of {@link following}. */
export interface FollowingOptions {
  /** Time; the machine's own by default. */
  readonly clock?: Clock
  /** Told, a moment later, when somebody else is followed, or nobody any more and why. */
  readonly onChange?: (change: FollowChange, view: EditorView) => void
}

interface FollowConfig {
  readonly clock: Clock
  readonly onChange: FollowingOptions['onChange']
}

const watchPlugin = ViewPlugin.define(
  (view: EditorView, config: FollowConfig) => new FollowWatch(view, config),
)

const framePlugin = ViewPlugin.define(
  (view: EditorView) => new FollowFrame(view, () => followPeer(view, null)),
)

/**
 * Lets an editor follow somebody: {@link followPeer} begins and ends it. Goes with `remoteCursors`.
 *
 * While somebody is followed, their caret is kept in view, and a frame says so. It ends when the text is changed here,
 * with Escape, when the person scrolls by more than half of what they see, and when whoever is followed has been gone
 * for five seconds; what is selected does not end it. Beginning and end are read out.
 */
export function following(options: FollowingOptions = {}): Extension {
  const { clock = systemClock, onChange } = options
  return [
    followed,
    overVisiblePart,
    watchPlugin.of({ clock, onChange }),
    framePlugin,
    EditorState.transactionExtender.of(saysSo),
    followTheme,
  ]
}

/**
 * Follows somebody from now on, or with `null` nobody.
 *
 * @param person as `peopleIn` has them
 * @returns `false` when they are not here, or the editor cannot follow
 */
export function followPeer(view: EditorView, person: string | null): boolean {
  const now = view.state.field(followed, false)
  if (now === undefined) return false
  if (person === null) {
    if (now !== null) view.dispatch({ effects: endFollowing.of('asked') })
    return now !== null
  }
  const peer = view.state.field(shownPeers).find((one) => one.person === person && !one.isSelf)
  if (peer === undefined) return false
  const { name, hue } = peer
  if (now?.person !== person) view.dispatch({ effects: beginFollowing.of({ person, name, hue }) })
  return true
}

/** Whom a view follows, or `null`. */
export function followedBy(view: EditorView): Followed | null {
  return view.state.field(followed, false) ?? null
}

/** Has what begins and ends read out. */
function saysSo(transaction: Transaction): Pick<TransactionSpec, 'effects'> | null {
  const text = saying(transaction, transaction.startState.facet(othersWords))
  return text === null ? null : { effects: EditorView.announce.of(text) }
}

function saying(transaction: Transaction, words: OthersWords): string | null {
  const before = transaction.startState.field(followed)
  let end: FollowEnd | null = isOwnEdit(transaction) ? 'typed' : null
  for (const effect of transaction.effects) {
    if (effect.is(beginFollowing)) return words.followBegan(effect.value.name || words.somebody)
    if (effect.is(endFollowing)) end = effect.value
  }
  if (before === null || end === null) return null
  const name = before.name || words.somebody
  return end === 'left' ? words.followLeft(name) : words.followEnded(name)
}

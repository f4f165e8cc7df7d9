import { StateEffect, StateField, type Extension } from '@codemirror/state'
import { EditorView, ViewPlugin, type PluginValue, type ViewUpdate } from '@codemirror/view'
import type { Cancel, Clock } from '@coscribe/shared'
import { endFollowing, followed, tabInText } from './follow-state.js'
import { othersWords } from './others-words.js'

/** How long the caret that was jumped to stands out. */
const FLASH_MS = 1_500

const flash = StateEffect.define<number | null>()

/** The client whose caret stands out, or `null`. */
export const flashedPeer = StateField.define<number | null>({
  create: () => null,
  update: (value, { effects }) =>
    effects.reduce((last, effect) => (effect.is(flash) ? effect.value : last), value),
})

/**
 * Scrolls to where somebody is, and makes their caret stand out for a moment. Focus and selection stay; whoever was
 * followed is not any more.
 *
 * @param person as `peopleIn` has them
 * @returns `false` when they are nowhere in the text
 */
export function jumpToPeer(view: EditorView, person: string): boolean {
  const { state } = view
  const peer = tabInText(state, person)
  const head = peer?.ranges[0]?.head
  if (peer === null || head === undefined) return false
  const words = state.facet(othersWords)
  const line = String(state.doc.lineAt(head).number)
  const other = state.field(followed, false) ?? null
  view.dispatch({
    effects: [
      EditorView.scrollIntoView(head, { y: 'center' }),
      flash.of(peer.clientId),
      EditorView.announce.of(words.isInLine(peer.name || words.somebody, line)),
      ...(other === null || other.person === person ? [] : [endFollowing.of('asked')]),
    ],
  })
  return true
}

/** Lets the caret stand out no longer when its time is over. */
class FlashWatch implements PluginValue {
  readonly #view: EditorView
  readonly #clock: Clock
  #cancel: Cancel | null = null

  constructor(view: EditorView, { clock }: { readonly clock: Clock }) {
    this.#view = view
    this.#clock = clock
  }

  update({ transactions, state }: ViewUpdate): void {
    const isNew = transactions.some(({ effects }) => effects.some((effect) => effect.is(flash)))
    if (!isNew) return
    this.#cancel?.()
    this.#cancel = state.field(flashedPeer) === null ? null : this.#end()
  }

  destroy(): void {
    this.#cancel?.()
  }

  #end(): Cancel {
    return this.#clock.after(FLASH_MS, () => this.#view.dispatch({ effects: flash.of(null) }))
  }
}

const flashPlugin = ViewPlugin.define(
  (view: EditorView, config: { readonly clock: Clock }) => new FlashWatch(view, config),
)

/** What `remoteCursors` needs so that {@link jumpToPeer} can make a caret stand out. */
export function flashing(clock: Clock): Extension {
  return [flashedPeer, flashPlugin.of({ clock })]
}

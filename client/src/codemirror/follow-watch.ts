import type { EditorState } from '@codemirror/state'
import { EditorView, type PluginValue, type ViewUpdate } from '@codemirror/view'
import type { Cancel, Clock } from '@coscribe/shared'
import {
  endFollowing,
  followed,
  isOwnEdit,
  tabInText,
  type Followed,
  type FollowEnd,
} from './follow-state.js'
import { OwnScroll } from './own-scroll.js'
import { shownPeers } from './shown-peers.js'
import { visibleLayerOf } from './visible-part.js'

/** Somebody else is followed, or nobody any more and why. */
export type FollowChange =
  | { readonly followed: Followed; readonly end: null }
  | { readonly followed: null; readonly end: FollowEnd }

export interface FollowWatchOptions {
  readonly clock: Clock
  readonly onChange: ((change: FollowChange, view: EditorView) => void) | undefined
}

/** Who is gone for less has only lost the connection, or reloads the page. */
const GONE_AFTER_MS = 5_000
/** The caret is kept out of this part of what can be seen, at the top and at the bottom. */
const MARGIN = 0.25
/** How soon to look again while the person scrolls. */
const AFTER_GESTURE_MS = 200

/**
 * Keeps the caret of who is followed in view, and notices what ends it.
 *
 * Only carets are followed, never what others look at, so two who follow each other stay where they are. Nothing is
 * ever scrolled smoothly, and nothing while the person scrolls.
 */
export class FollowWatch implements PluginValue {
  readonly #view: EditorView
  readonly #options: FollowWatchOptions
  #scroll: OwnScroll | null = null
  #cancelShow: Cancel | null = null
  #cancelGone: Cancel | null = null

  constructor(view: EditorView, options: FollowWatchOptions) {
    this.#view = view
    this.#options = options
    // A state that was set aside may be following somebody.
    if (view.state.field(followed) !== null) this.#begin()
  }

  update(update: ViewUpdate): void {
    const before = update.startState.field(followed, false) ?? null
    const now = update.state.field(followed)
    if (before?.person !== now?.person) this.#turn(update, now)
    if (now === null) return
    this.#scroll?.move(update.changes)
    if (update.state.field(shownPeers).some(({ person }) => person === now.person)) this.#isBack()
    else this.#isGone()
    const isMoved = placeOf(update.startState, now) !== placeOf(update.state, now)
    if (isMoved || update.docChanged) this.#plan(0)
  }

  destroy(): void {
    this.#finish()
  }

  #turn(update: ViewUpdate, now: Followed | null): void {
    this.#finish()
    if (now !== null) this.#begin()
    const change: FollowChange =
      now === null ? { followed: null, end: endOf(update) } : { followed: now, end: null }
    // Who is told may change the view, which is not possible while it updates.
    queueMicrotask(() => this.#options.onChange?.(change, this.#view))
  }

  #begin(): void {
    this.#scroll = new OwnScroll(this.#view, {
      clock: this.#options.clock,
      visible: () => this.#visible,
      scrolledAway: () => this.#end('scrolled'),
    })
    this.#page.addEventListener('keydown', this.#onKey, true)
    this.#plan(0)
  }

  #finish(): void {
    this.#scroll?.stop()
    this.#scroll = null
    this.#page.removeEventListener('keydown', this.#onKey, true)
    this.#cancelShow?.()
    this.#cancelShow = null
    this.#isBack()
  }

  get #page(): Document {
    return this.#view.dom.ownerDocument
  }

  get #visible(): number {
    return visibleLayerOf(this.#view)?.height ?? this.#view.scrollDOM.clientHeight
  }

  /** Wherever the focus is; what is open and closes with the same key comes first. */
  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.isComposing) return
    if (!event.composedPath().some(isOpenLayer)) this.#end('escape')
  }

  #end(end: FollowEnd): void {
    if (this.#view.state.field(followed) === null) return
    this.#view.dispatch({ effects: endFollowing.of(end) })
  }

  #isGone(): void {
    this.#cancelGone ??= this.#options.clock.after(GONE_AFTER_MS, () => this.#end('left'))
  }

  #isBack(): void {
    this.#cancelGone?.()
    this.#cancelGone = null
  }

  /** Later, in any case: a view that updates cannot be scrolled. */
  #plan(delayMs: number): void {
    this.#cancelShow ??= this.#options.clock.after(delayMs, () => this.#show())
  }

  #show(): void {
    this.#cancelShow = null
    const now = this.#view.state.field(followed)
    const head = now === null ? null : placeOf(this.#view.state, now)
    if (head === null) return
    if (this.#scroll?.isUnderWay === true) return this.#plan(AFTER_GESTURE_MS)
    this.#scroll?.forget()
    const yMargin = MARGIN * this.#visible
    this.#view.dispatch({ effects: EditorView.scrollIntoView(head, { y: 'nearest', yMargin }) })
  }
}

function isOpenLayer(part: EventTarget): boolean {
  return part instanceof HTMLElement && part.matches('dialog[open], [popover]')
}

function placeOf(state: EditorState, { person }: Followed): number | null {
  return tabInText(state, person)?.ranges[0]?.head ?? null
}

function endOf({ transactions }: ViewUpdate): FollowEnd {
  for (const { effects } of transactions) {
    for (const effect of effects) if (effect.is(endFollowing)) return effect.value
  }
  return transactions.some(isOwnEdit) ? 'typed' : 'asked'
}

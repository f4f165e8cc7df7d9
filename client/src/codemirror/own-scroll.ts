import type { ChangeDesc } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import type { Clock } from '@coscribe/shared'

/** Somebody who moved a wheel, a finger or a key so long ago may still be about it. */
const GESTURE_MS = 500
/** What scrolls within so long after that was scrolled by them: browsers may scroll a good while later. */
const EFFECT_MS = 2_000
/** Of what can be seen: scrolled further, somebody wants to be elsewhere. */
const FAR = 0.5

const KEYS = new Set(['PageUp', 'PageDown', 'Home', 'End', 'ArrowUp', 'ArrowDown', ' '])
const CAPTURE = { capture: true, passive: true } as const

export interface OwnScrollOptions {
  readonly clock: Clock
  /** How much of the text can be seen, in pixels. */
  readonly visible: () => number
  /** Called when somebody has scrolled the text, by more than half of what can be seen. */
  readonly scrolledAway: () => void
}

/**
 * Tells what a person scrolls from what an editor scrolls: only what follows a wheel, a finger, a key or a scroll bar is
 * theirs. What is selected scrolls nothing by itself.
 */
export class OwnScroll {
  readonly #view: EditorView
  readonly #options: OwnScrollOptions
  readonly #page: Document
  #gestureAt = -Infinity
  /** A scroll bar is held. */
  #held = false
  /**
   * A place in the text, and where on the screen it was when somebody else scrolled last. Not when a gesture began:
   * browsers may scroll first and tell of the wheel afterwards.
   */
  #anchor: { readonly at: number; readonly top: number } | null = null

  constructor(view: EditorView, options: OwnScrollOptions) {
    this.#view = view
    this.#options = options
    this.#page = view.dom.ownerDocument
    // A view that is updating cannot be measured.
    view.requestMeasure({ read: () => this.#rest() })
    for (const [name, listener] of this.#listeners) {
      this.#page.addEventListener(name, listener, CAPTURE)
    }
  }

  /** Whether somebody is scrolling: until that is over, nothing else is to scroll. */
  get isUnderWay(): boolean {
    return this.#held || this.#options.clock.now() - this.#gestureAt < GESTURE_MS
  }

  /** The text changed; what is seen of it may be where it was. */
  move(changes: ChangeDesc): void {
    const anchor = this.#anchor
    if (anchor !== null) this.#anchor = { at: changes.mapPos(anchor.at), top: anchor.top }
  }

  /** From now on somebody else scrolls. */
  forget(): void {
    this.#gestureAt = -Infinity
  }

  stop(): void {
    for (const [name, listener] of this.#listeners) {
      this.#page.removeEventListener(name, listener, CAPTURE)
    }
  }

  readonly #begin = (): void => {
    this.#gestureAt = this.#options.clock.now()
  }

  readonly #pressed = (event: Event): void => {
    if (KEYS.has((event as KeyboardEvent).key)) this.#begin()
  }

  readonly #pointed = (event: Event): void => {
    if (!isOnScrollBar(event as PointerEvent)) return
    this.#begin()
    this.#held = true
  }

  /** Browsers do not always tell when a scroll bar is let go of, but then of the pointer that moves on. */
  readonly #moved = (event: Event): void => {
    if (!this.#held || (event as PointerEvent).buttons !== 0) return
    this.#begin()
    this.#held = false
  }

  readonly #scrolled = (): void => {
    const anchor = this.#anchor
    if (!this.#counts || anchor === null) return this.#rest()
    // It may go on by itself for a while.
    this.#gestureAt = this.#options.clock.now()
    const farPx = FAR * this.#options.visible()
    if (Math.abs(this.#topOf(anchor.at) - anchor.top) > farPx) this.#options.scrolledAway()
  }

  get #counts(): boolean {
    return this.#held || this.#options.clock.now() - this.#gestureAt < EFFECT_MS
  }

  readonly #listeners: readonly (readonly [string, (event: Event) => void])[] = [
    ['wheel', this.#begin],
    ['touchmove', this.#begin],
    ['keydown', this.#pressed],
    ['pointerdown', this.#pointed],
    ['pointermove', this.#moved],
    ['pointerup', this.#moved],
    ['scroll', this.#scrolled],
  ]

  #rest(): void {
    const view = this.#view
    const edge = Math.max(0, view.dom.getBoundingClientRect().top)
    const at = view.lineBlockAtHeight(edge - view.documentTop).from
    this.#anchor = { at, top: this.#topOf(at) }
  }

  #topOf(at: number): number {
    const { length } = this.#view.state.doc
    return this.#view.documentTop + this.#view.lineBlockAt(Math.min(at, length)).top
  }
}

function isOnScrollBar(event: PointerEvent): boolean {
  const [target] = event.composedPath()
  if (!(target instanceof Element)) return false
  const { clientLeft, clientWidth, scrollHeight, clientHeight } = target
  if (scrollHeight <= clientHeight) return false
  const across = event.clientX - target.getBoundingClientRect().left - clientLeft
  return across < 0 || across >= clientWidth
}

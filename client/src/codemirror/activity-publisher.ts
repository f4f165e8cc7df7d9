import type { EditorView, PluginValue } from '@codemirror/view'
import type { Cancel, Clock } from '@coscribe/shared'
import type { CursorPresence } from './awareness-presence.js'
import type { Activity } from './who.js'

export interface ActivityPublisherOptions {
  readonly presence: CursorPresence
  readonly clock: Clock
}

/** Whoever has done nothing on the page for so long is idle. */
const IDLE_AFTER_MS = 60_000
const INPUT = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart'] as const
const PASSIVE = { capture: true, passive: true } as const

/**
 * Shows others whether this view's user is there: `activity` is `idle` after a minute without input anywhere on the
 * page, `away` while the page is hidden, and else is left out.
 */
export class ActivityPublisher implements PluginValue {
  readonly #options: ActivityPublisherOptions
  readonly #page: Document
  #inputAt: number
  #activity: Activity = 'active'
  #cancel: Cancel | null = null

  constructor(view: EditorView, options: ActivityPublisherOptions) {
    this.#options = options
    this.#page = view.dom.ownerDocument
    this.#inputAt = options.clock.now()
    for (const name of INPUT) this.#page.addEventListener(name, this.#onInput, PASSIVE)
    this.#page.addEventListener('visibilitychange', this.#onVisibility)
    this.#onVisibility()
  }

  destroy(): void {
    for (const name of INPUT) this.#page.removeEventListener(name, this.#onInput, PASSIVE)
    this.#page.removeEventListener('visibilitychange', this.#onVisibility)
    this.#cancel?.()
    this.#show('active')
  }

  readonly #onInput = (): void => {
    this.#inputAt = this.#options.clock.now()
    if (this.#activity === 'idle') this.#beActive()
  }

  readonly #onVisibility = (): void => {
    this.#cancel?.()
    this.#cancel = null
    if (this.#page.visibilityState === 'hidden') return this.#show('away')
    this.#inputAt = this.#options.clock.now()
    this.#beActive()
  }

  #beActive(): void {
    this.#show('active')
    this.#cancel = this.#options.clock.after(IDLE_AFTER_MS, this.#look)
  }

  /** One timer, however many keys are pressed. */
  readonly #look = (): void => {
    const { clock } = this.#options
    const leftMs = this.#inputAt + IDLE_AFTER_MS - clock.now()
    this.#cancel = leftMs > 0 ? clock.after(leftMs, this.#look) : null
    if (this.#cancel === null) this.#show('idle')
  }

  #show(activity: Activity): void {
    this.#activity = activity
    const { presence } = this.#options
    const shown = activity === 'active' ? undefined : activity
    // Whoever hides stays hidden; another view of the same person may have said it already.
    if (presence.self === null || presence.self['activity'] === shown) return
    presence.set({ activity: shown })
  }
}

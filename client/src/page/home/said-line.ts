import { systemClock, type Cancel } from '@coscribe/shared'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { followWords, words } from '../words.js'

/** What was done last, and how it is taken back. */
export interface Said {
  readonly text: string
  readonly undo?: () => void
}

/** How long a way back is offered to somebody who is busy with something else. */
const OFFERED_MS = 10_000

/**
 * The one place in which the page says what was just done, with a way back. It stays until something else is done, and
 * goes 10 s after it was said or left; while the focus is in it, it stays. Tells `said-over` when it goes by itself.
 */
export class SaidLine extends LitElement {
  static override readonly properties = { said: { attribute: false } }

  declare said: Said | null
  #cancel: Cancel | null = null

  constructor() {
    super()
    followWords(this)
    this.said = null
  }

  protected override createRenderRoot(): this {
    return this
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.addEventListener('focusin', this.#stay)
    this.addEventListener('focusout', this.#leave)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.removeEventListener('focusin', this.#stay)
    this.removeEventListener('focusout', this.#leave)
    this.#stay()
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('said')) this.#leave()
  }

  protected override render(): TemplateResult {
    const { text = '', undo } = this.said ?? {}
    return html`<p role="status">${text}</p>
      ${
        undo === undefined
          ? nothing
          : html`<button id="undo" class="in-line" @click=${undo}>${words().home.undo}</button>`
      }`
  }

  readonly #stay = (): void => {
    this.#cancel?.()
    this.#cancel = null
  }

  readonly #leave = (): void => {
    this.#stay()
    if (this.said === null) return
    this.#cancel = systemClock.after(OFFERED_MS, () =>
      this.dispatchEvent(new CustomEvent('said-over', { bubbles: true })),
    )
  }
}

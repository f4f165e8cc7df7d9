import { html, LitElement, type PropertyValues, type TemplateResult } from 'lit'
import type * as Y from 'yjs'
import { MAX_TITLE, readTitle, writeTitle } from './shared-title.js'
import { TitleDraft } from './title-draft.js'
import { followWords, words } from './words.js'

/** The document's title, shared like its text. Tells `title-done` when Enter or the down arrow leaves it. */
export class TitleField extends LitElement {
  static override readonly properties = {
    shared: { attribute: false },
    locked: { type: Boolean },
  }

  declare shared: Y.Text | undefined
  declare locked: boolean
  #observed: Y.Text | null = null
  /** While a character is being composed. */
  #draft: TitleDraft | null = null
  readonly #changed = (): void => this.#show()

  constructor() {
    super()
    followWords(this)
  }

  protected override createRenderRoot(): this {
    return this
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#observe(undefined)
  }

  protected override render(): TemplateResult {
    const { title, untitled } = words().page
    return html`<input
      id="title"
      class="title"
      type="text"
      aria-label=${title}
      placeholder=${untitled}
      maxlength=${MAX_TITLE}
      autocomplete="off"
      ?readonly=${this.locked}
      @input=${(event: InputEvent) => this.#typed(event)}
      @compositionstart=${() => this.#compose()}
      @compositionend=${() => this.#composed()}
      @keydown=${(event: KeyboardEvent) => this.#key(event)}
    />`
  }

  protected override updated(changed: PropertyValues): void {
    if (!changed.has('shared')) return
    this.#observe(this.shared)
    this.#show()
  }

  #observe(shared: Y.Text | undefined): void {
    this.#draft?.drop()
    this.#draft = null
    this.#observed?.unobserve(this.#changed)
    this.#observed = shared ?? null
    this.#observed?.observe(this.#changed)
  }

  get #input(): HTMLInputElement | null {
    return this.querySelector('input')
  }

  #typed(event: InputEvent): void {
    // Half an accent is nobody's title yet.
    if (!event.isComposing && this.#draft === null) this.#write()
  }

  #compose(): void {
    if (this.shared !== undefined) this.#draft ??= new TitleDraft(this.shared)
  }

  #composed(): void {
    const draft = this.#draft
    const input = this.#input
    if (draft === null || input === null) return
    this.#draft = null
    const caret = draft.write(input.value)
    this.#show()
    if (caret !== null && this.#hasFocus(input)) input.setSelectionRange(caret, caret)
  }

  #write(): void {
    const { shared } = this
    if (shared !== undefined && this.#input !== null) writeTitle(shared, this.#input.value)
  }

  #key(event: KeyboardEvent): void {
    if (event.isComposing || (event.key !== 'Enter' && event.key !== 'ArrowDown')) return
    event.preventDefault()
    this.dispatchEvent(new CustomEvent('title-done', { bubbles: true }))
  }

  /** Shows what the title is now, with the caret where it was in what did not change. */
  #show(): void {
    const input = this.#input
    // Whatever touches a field ends the composition in it.
    if (input === null || this.shared === undefined || this.#draft !== null) return
    const title = readTitle(this.shared)
    if (input.value.trimEnd() === title.trimEnd()) return
    const { selectionStart: start, selectionEnd: end, value } = input
    input.value = title
    if (start === null || end === null || !this.#hasFocus(input)) return
    const grown = title.length - value.length
    const moved = (at: number): number =>
      value.slice(0, at) === title.slice(0, at) ? at : at + grown
    input.setSelectionRange(moved(start), moved(end))
  }

  #hasFocus(input: HTMLInputElement): boolean {
    return this.ownerDocument.activeElement === input
  }
}

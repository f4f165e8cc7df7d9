import { cleanTitle, MAX_TITLE, systemClock } from '@coscribe/shared'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { reasonOf } from '../phrases/reasons.js'
import { TitleWriting, type TitledRoom } from './title-writing.js'
import { followWords, words } from './words.js'

/**
 * The document's title. Tells `title-done` when Enter or the down arrow leaves it, and `title-shown` with the title as
 * it is read here now.
 */
export class TitleField extends LitElement {
  static override readonly properties = {
    room: { attribute: false },
    remembered: { type: String },
    locked: { type: Boolean },
  }

  declare room: TitledRoom | undefined
  /** The title when it was seen last, for as long as no server has said it. */
  declare remembered: string
  declare locked: boolean
  #writing: TitleWriting | null = null
  /** What the field held when a character began to be composed in it; `null` while none is. */
  #beforeComposing: string | null = null
  #told: string | null = null

  constructor() {
    super()
    followWords(this)
    this.remembered = ''
    this.locked = false
  }

  /** Whether something was typed that is not the server's yet. */
  get isPending(): boolean {
    return this.#writing?.isPending === true
  }

  /** Whether something was typed that cannot be sent now; else leaving sends it. */
  get isStuck(): boolean {
    return this.#writing?.isStuck === true
  }

  protected override createRenderRoot(): this {
    return this
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.hasUpdated) this.#begin()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#end()
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('room')) this.#begin()
  }

  protected override render(): TemplateResult {
    const { title, untitled } = words().page
    const away = this.#isAway ? words().page.titleOffline : ''
    return html`<input
        id="title"
        class="title"
        type="text"
        dir="auto"
        aria-label=${title}
        aria-describedby="title-note"
        placeholder=${untitled}
        title=${away || nothing}
        maxlength=${MAX_TITLE}
        autocomplete="off"
        ?readonly=${this.#isReadOnly}
        @input=${(event: InputEvent) => this.#typed(event)}
        @compositionstart=${() => {
          this.#beforeComposing ??= this.#input?.value ?? ''
        }}
        @compositionend=${() => this.#composed()}
        @blur=${() => this.#left()}
        @keydown=${(event: KeyboardEvent) => this.#key(event)}
      />
      ${this.#note(away)}`
  }

  #note(away: string): TemplateResult {
    const fault = this.#writing?.fault ?? null
    if (fault === null) return html`<p id="title-note" class="spoken">${away}</p>`
    const { page, status } = words()
    return html`<p id="title-note" class="fault" role="alert">
      ${page.notRenamed(reasonOf(fault, status.reasons))}
      <button class="in-line" @click=${() => this.#writing?.send()}>${status.retry}</button
      ><button class="in-line" @click=${() => this.#dropped()}>${page.dropTitle}</button>
    </p>`
  }

  protected override updated(): void {
    this.#show()
    const shown = this.#writing?.shown ?? this.remembered
    if (shown === this.#told) return
    this.#told = shown
    this.dispatchEvent(new CustomEvent('title-shown', { bubbles: true, detail: shown }))
  }

  /** The title is the server's, and there is no server now. */
  get #isAway(): boolean {
    return !this.locked && this.#writing?.isOnline === false && !this.#writing.isPending
  }

  get #isComposing(): boolean {
    return this.#beforeComposing !== null
  }

  get #isReadOnly(): boolean {
    return (this.locked || this.#isAway) && !this.#isComposing
  }

  #begin(): void {
    this.#end()
    const { room, remembered } = this
    if (room === undefined || !this.isConnected) return
    const changed = (): void => this.requestUpdate()
    this.#writing = new TitleWriting({ room, clock: systemClock, remembered, changed })
  }

  #end(): void {
    this.#writing?.stop()
    this.#writing = null
    this.#beforeComposing = null
  }

  get #input(): HTMLInputElement | null {
    return this.querySelector('input')
  }

  #typed(event: InputEvent): void {
    // Half an accent is nobody's title yet.
    if (!event.isComposing && !this.#isComposing) this.#writing?.typed(this.#input?.value ?? '')
  }

  #composed(): void {
    const before = this.#beforeComposing
    this.#beforeComposing = null
    const value = this.#input?.value ?? ''
    if (value === before) this.requestUpdate()
    else this.#writing?.typed(value)
  }

  #left(): void {
    this.#writing?.send()
    this.requestUpdate()
  }

  #dropped(): void {
    this.#writing?.drop()
    this.#input?.focus()
  }

  #key(event: KeyboardEvent): void {
    if (event.isComposing) return
    if (event.key === 'Escape') return this.#writing?.drop()
    if (event.key !== 'Enter' && event.key !== 'ArrowDown') return
    event.preventDefault()
    this.#writing?.send()
    this.dispatchEvent(new CustomEvent('title-done', { bubbles: true }))
  }

  /** Shows what the title is now, with the caret where it was in what did not change. */
  #show(): void {
    const input = this.#input
    // Whatever touches a field ends the composition in it.
    if (input === null || this.#writing === null || this.#isComposing) return
    const title = this.#writing.shown
    const hasFocus = this.ownerDocument.activeElement === input
    // A space that was just typed is not taken away under somebody's fingers.
    const reads = hasFocus ? cleanTitle(input.value) : input.value
    if (reads === title || input.value === title) return
    const { selectionStart: start, selectionEnd: end, value } = input
    input.value = title
    if (start === null || end === null || !hasFocus) return
    const grown = title.length - value.length
    const moved = (at: number): number =>
      value.slice(0, at) === title.slice(0, at) ? at : Math.max(0, at + grown)
    input.setSelectionRange(moved(start), moved(end))
  }
}

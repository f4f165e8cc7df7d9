import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { readPasted } from './invite.js'
import type { PageAccess, TokenOutcome } from './page-access.js'
import { wordsOf, type Refusal, type Words } from './refusal.js'
import { followWords, words } from './words.js'

/**
 * Says why this tab does not come in, and takes what opens the door: an invite link or a token, never a password.
 * Tells `access-changed` when this tab has come to another credential, and `access-retry` when it is to try again with
 * the one it has.
 */
export class SignIn extends LitElement {
  static override readonly properties = {
    access: { attribute: false },
    refusal: { attribute: false },
    fault: { attribute: false },
    text: { attribute: false },
    beside: { type: Boolean },
    busy: { state: true },
  }

  declare access: PageAccess | undefined
  declare refusal: Refusal | undefined
  /** What was wrong with what was tried last; empty when nothing was. */
  declare fault: string
  /** What it says where it is not about one document; by the refusal. */
  declare text: Readonly<Record<'nobody' | 'ended', Words>> | undefined
  /** There is a text on the page too, which the page is about. */
  declare beside: boolean
  declare protected busy: boolean

  constructor() {
    super()
    followWords(this)
    this.fault = ''
    this.beside = false
    this.busy = false
  }

  protected override createRenderRoot(): this {
    return this
  }

  protected override firstUpdated(_changed: PropertyValues): void {
    // Whoever has nothing else to do here begins with it; nobody is torn out of their text.
    if (this.ownerDocument.activeElement === this.ownerDocument.body) this.#input?.focus()
  }

  protected override render(): TemplateResult | typeof nothing {
    const { access, refusal } = this
    if (access === undefined || refusal === undefined) return nothing
    return html`<section class="sign-in" aria-labelledby="sign-in-heading">
      ${this.#words(this.#told(refusal, access))} ${this.#form()}
    </section>`
  }

  #told(refusal: Refusal, { session }: PageAccess): Words {
    const { text } = this
    return text === undefined || refusal === 'forbidden' ? wordsOf(refusal, session) : text[refusal]
  }

  #words({ heading, text }: Words): TemplateResult {
    const title = this.beside
      ? html`<h2 id="sign-in-heading">${heading}</h2>`
      : html`<h1 id="sign-in-heading">${heading}</h1>`
    return html`${title}
      <p>${text}</p>`
  }

  #form(): TemplateResult {
    const { label, retry, open, opening } = words().signIn
    return html`<label for="invite">${label}</label>
      <input
        id="invite"
        class="field"
        type="text"
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        aria-describedby="invite-fault"
        aria-invalid=${this.fault === '' ? 'false' : 'true'}
        @keydown=${(event: KeyboardEvent) => this.#key(event)}
      />
      <p id="invite-fault" class="fault" role="alert">${this.fault}</p>
      <div class="buttons">
        <button @click=${() => this.#tell('access-retry')}>${retry}</button>
        <button class="primary" ?disabled=${this.busy} @click=${() => this.#submit()}>
          ${this.busy ? opening : open}
        </button>
      </div>`
  }

  get #input(): HTMLInputElement | null {
    return this.querySelector('input')
  }

  #key(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.isComposing) return
    event.preventDefault()
    this.#submit()
  }

  #submit(): void {
    if (this.busy) return
    const pasted = readPasted(this.#input?.value ?? '', location.href)
    if (pasted.kind === 'elsewhere') return location.assign(pasted.address)
    if (pasted.kind === 'unusable') return this.#refused(pasted.reason)
    this.busy = true
    // Never rejects.
    void this.access?.use(pasted.token).then((outcome) => this.#used(outcome))
  }

  #used(outcome: TokenOutcome): void {
    this.busy = false
    if (outcome.kind === 'refused') return this.#refused(sentence(outcome.reason))
    // A token is nothing to leave lying about in a field.
    if (this.#input !== null) this.#input.value = ''
    this.fault = ''
    this.#tell('access-changed')
  }

  #refused(fault: string): void {
    this.fault = fault
    this.#input?.focus()
    this.#input?.select()
  }

  #tell(name: 'access-changed' | 'access-retry'): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true }))
  }
}

/** What a server says, as a sentence. */
export function sentence(reason: string): string {
  const said = reason.trim() || words().signIn.notAccepted
  return `${said.slice(0, 1).toUpperCase()}${said.slice(1)}${/[.!?]$/.test(said) ? '' : '.'}`
}

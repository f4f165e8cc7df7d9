import { html, LitElement, nothing, type TemplateResult } from 'lit'
import type { DocumentsApi } from './documents-api.js'
import { failureText } from './failure-text.js'
import { HOME_PATH } from './route.js'
import { followWords, words } from './words.js'

/**
 * Says that the document lies in the trash, and offers to bring it back to whom may. Tells `document-back` when it is
 * worth trying to open it again.
 */
export class TrashedNote extends LitElement {
  static override readonly properties = {
    documents: { attribute: false },
    documentId: {},
    pending: { type: Boolean },
    alone: { type: Boolean },
    may: { state: true },
    fault: { state: true },
  }

  declare documents: DocumentsApi | undefined
  declare documentId: string
  /** Something was written here that the server does not have. */
  declare pending: boolean
  /** There is nothing else on the page. */
  declare alone: boolean
  declare protected may: boolean
  declare protected fault: string

  constructor() {
    super()
    followWords(this)
    this.documentId = ''
    this.pending = false
    this.alone = false
    this.may = false
    this.fault = ''
  }

  protected override createRenderRoot(): this {
    return this
  }

  protected override firstUpdated(): void {
    void this.#ask()
  }

  protected override render(): TemplateResult {
    const { trashed } = words().notes
    return html`<section class="note" aria-labelledby="trashed-heading">
      ${
        this.alone
          ? html`<h1 id="trashed-heading">${trashed.heading}</h1>`
          : html`<h2 id="trashed-heading">${trashed.heading}</h2>`
      }
      <p>
        ${trashed.text} ${this.pending ? trashed.pending : ''} ${this.may ? '' : trashed.askOthers}
      </p>
      <p class="fault" role="alert">${this.fault}</p>
      <div class="buttons">
        <a class="button" href=${HOME_PATH}>${words().home.documents}</a>
        <button @click=${() => this.#tellBack()}>${words().signIn.retry}</button>
        ${
          this.may
            ? html`<button id="restore" class="primary" @click=${() => void this.#restore()}>
                ${words().home.restore}
              </button>`
            : nothing
        }
      </div>
    </section>`
  }

  async #ask(): Promise<void> {
    const outcome = await this.documents?.get(this.documentId)
    this.may = outcome?.kind === 'done' && outcome.value.access === 'admin'
  }

  async #restore(): Promise<void> {
    const outcome = await this.documents?.restore(this.documentId)
    if (outcome === undefined) return
    if (outcome.kind === 'done') return this.#tellBack()
    this.fault = failureText(outcome)
  }

  #tellBack(): void {
    this.fault = ''
    this.dispatchEvent(new CustomEvent('document-back', { bubbles: true }))
  }
}

import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { downloadText } from '../editor/download.js'
import { copyText } from './copy-text.js'
import { told, type SetAside } from './set-aside.js'
import { followWords, words } from './words.js'

/**
 * Shows what was set aside until its owner needs it no more. Tells `aside-copied`, and `aside-done` when it may go.
 */
export class SetAsideNote extends LitElement {
  static override readonly properties = {
    aside: { attribute: false },
    documentId: { attribute: false },
  }

  declare aside: SetAside | undefined
  declare documentId: string

  constructor() {
    super()
    followWords(this)
    this.documentId = ''
  }

  protected override createRenderRoot(): this {
    return this
  }

  protected override render(): TemplateResult | typeof nothing {
    const { aside } = this
    if (aside === undefined) return nothing
    const { text, reason } = aside
    const phrases = words().notes
    return html`<section class="note" aria-labelledby="aside-heading">
      <h2 id="aside-heading">${phrases.aside}</h2>
      <p>${phrases.asideHolds} ${told(reason)}</p>
      <textarea
        id="aside"
        class="field"
        rows="6"
        readonly
        aria-labelledby="aside-heading"
        .value=${text}
      ></textarea>
      <div class="buttons">
        <button @click=${() => void this.#copy(text)}>${phrases.copyText}</button
        ><button @click=${() => downloadText(this.ownerDocument, `${this.documentId}.txt`, text)}>
          ${phrases.download}</button
        ><button class="primary" @click=${() => this.#tell('aside-done')}>${phrases.done}</button>
      </div>
    </section>`
  }

  async #copy(text: string): Promise<void> {
    if (await copyText(text)) this.#tell('aside-copied')
    else this.querySelector('textarea')?.select()
  }

  #tell(name: 'aside-copied' | 'aside-done'): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true }))
  }
}

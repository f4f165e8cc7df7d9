import { html, type TemplateResult } from 'lit'
import { isTextLanguage, textLanguages } from '../../editor/languages.js'
import { exportText } from '../../codemirror/index.js'
import { downloadFile, downloadText } from '../../editor/download.js'
import * as Y from 'yjs'
import { icon } from '../icons.js'
import { words } from '../words.js'
import { DeskElement } from './desk-element.js'
import { fileName } from './file-name.js'

/** What the menu leaves to the page; each bubbles and has no detail. */
export type MenuWish = 'file-wanted' | 'settings-wanted' | 'help-wanted'

/** Everything that one does with the document, behind one button. */
export class DeskMenu extends DeskElement {
  protected override render(): TemplateResult {
    const phrases = words().desk
    const { desk } = this
    const isOpen = desk?.side === 'preview'
    const isShut = desk === undefined || desk.view === null
    return html`<button
        id="desk-button"
        class="icon-button"
        popovertarget="desk-menu"
        aria-label=${phrases.menu}
        title=${phrases.menu}
      >
        ${icon('menu')}
      </button>
      <div
        id="desk-menu"
        class="menu"
        popover
        role="group"
        aria-label=${phrases.menu}
        @keydown=${this.#move}
      >
        ${this.#item('find', phrases.find, isShut, () => void desk?.find())}
        ${this.#item('preview', isOpen ? phrases.hidePreview : phrases.showPreview, isShut, () =>
          desk?.showSide(isOpen ? null : 'preview'),
        )}
        ${this.#languages(isShut)}
        <hr />
        ${this.#item('open-file', phrases.openFile, isShut, () => this.#wish('file-wanted'))}
        ${this.#item('save-text', phrases.downloadText, isShut, () => this.#saveText('txt'))}
        ${this.#item('save-markdown', phrases.downloadMarkdown, isShut, () => this.#saveText('md'))}
        ${this.#item('save-update', phrases.downloadUpdate, isShut, () => this.#saveUpdate())}
        <hr />
        ${this.#item('open-settings', phrases.settings, false, () => this.#wish('settings-wanted'))}
        ${this.#item('open-help', phrases.help, false, () => this.#wish('help-wanted'))}
      </div>`
  }

  #item(id: string, label: string, disabled: boolean, act: () => void): TemplateResult {
    const press = (): void => {
      // First: the focus goes back to the button, and from there to what is opened.
      this.#popover?.hidePopover()
      act()
    }
    // Of those that can have it, the first one has the focus when the menu opens.
    return html`<button id=${id} autofocus ?disabled=${disabled} @click=${press}>${label}</button>`
  }

  #languages(disabled: boolean): TemplateResult {
    const phrases = words().desk
    const chosen = this.desk?.language ?? 'text'
    const choose = (event: Event): void => {
      const { value } = event.currentTarget as HTMLSelectElement
      if (isTextLanguage(value)) this.desk?.chooseLanguage(value)
    }
    return html`<label
      >${phrases.language}<select id="language" ?disabled=${disabled} @change=${choose}>
        <option value="text" .selected=${chosen === 'text'}>${phrases.plainText}</option>
        ${textLanguages.map(
          ([name, label]) =>
            html`<option value=${name} .selected=${chosen === name}>${label}</option>`,
        )}
      </select></label
    >`
  }

  get #popover(): HTMLElement | null {
    return this.querySelector('#desk-menu')
  }

  #wish(wish: MenuWish): void {
    this.dispatchEvent(new CustomEvent(wish, { bubbles: true }))
  }

  #saveText(ending: 'txt' | 'md'): void {
    const { desk } = this
    if (desk === undefined) return
    const name = fileName(desk.title, desk.room.documentId, ending)
    downloadText(this.ownerDocument, name, exportText(desk.room.text('content')))
  }

  #saveUpdate(): void {
    const { desk } = this
    if (desk === undefined) return
    const bytes = Y.encodeStateAsUpdate(desk.room.ydoc)
    const name = fileName(desk.title, desk.room.documentId, 'yjs')
    downloadFile(this.ownerDocument, name, new Blob([new Uint8Array(bytes)]))
  }

  /** The arrow keys go through the menu, as Tab does; in a list of languages they choose one. */
  readonly #move = (event: KeyboardEvent): void => {
    const at = this.#controls().indexOf(event.target as HTMLElement)
    const isChoosing = event.target instanceof HTMLSelectElement
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step === undefined || at === -1 || (isChoosing && !event.ctrlKey)) return
    event.preventDefault()
    this.#controls()
      .at((at + step) % this.#controls().length)
      ?.focus()
  }

  #controls(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>('.menu button:enabled, .menu select:enabled')]
  }
}

import { MAX_TITLE } from '@coscribe/shared'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { canWrite } from '../../sync-status.js'
import type { ListedDocument } from '../documents-api.js'
import { icon } from '../icons.js'
import { pathOf } from '../route.js'
import { followWords, words } from '../words.js'
import { nameOf } from './document-desk.js'
import { exactTime, whenWas } from '../when.js'

/** What somebody wants of a document, and the element they were at. */
export interface RowWish {
  readonly name: 'menu' | 'trash' | 'restore'
  readonly document: ListedDocument
  readonly from: HTMLElement
}

/** A new title that was confirmed. */
export interface RowRename {
  readonly document: ListedDocument
  readonly title: string
}

/** Where a title is being typed. */
interface Editing {
  readonly id: string
  readonly draft: string
  /** Why it was not taken; empty at first. */
  readonly fault: string
}

/**
 * Documents, a row each. A row is one stop of the Tab key: up and down lead to other rows, right and left to its menu
 * and back, F2 renames, Delete throws away. Tells `row-wish` ({@link RowWish}) and `row-rename` ({@link RowRename}).
 */
export class DocumentRows extends LitElement {
  static override readonly properties = {
    documents: { attribute: false },
    now: { attribute: false },
    trash: { type: Boolean },
    editing: { state: true },
  }

  declare documents: readonly ListedDocument[]
  /** Wall-clock milliseconds. */
  declare now: number
  /** They lie in the trash. */
  declare trash: boolean
  declare protected editing: Editing | null

  constructor() {
    super()
    followWords(this)
    this.documents = []
    this.now = 0
    this.trash = false
    this.editing = null
  }

  protected override createRenderRoot(): this {
    return this
  }

  /** Lets the title of a row be typed, beginning with `draft`. */
  async edit(document: ListedDocument, draft = document.title, fault = ''): Promise<void> {
    this.editing = { id: document.id, draft, fault }
    await this.updateComplete
    const input = this.querySelector<HTMLInputElement>('input')
    input?.focus()
    input?.select()
  }

  /** Whether a title is being typed. */
  get isEditing(): boolean {
    return this.editing !== null
  }

  /** Puts the focus on the row of a document, or else on the one at `index`, or else on the last. */
  focusRow(id: string, index = 0): void {
    const found = this.documents.findIndex((one) => one.id === id)
    const stops = this.#stops
    const place = found < 0 ? Math.min(index, stops.length - 1) : found
    stops[place]?.focus()
  }

  protected override update(changed: PropertyValues): void {
    const focused = this.querySelector<HTMLElement>(':focus')
    super.update(changed)
    // Whatever is in a row that takes another place loses the focus.
    if (focused?.isConnected === true) focused.focus()
  }

  protected override render(): TemplateResult {
    const { home } = words()
    return html`<p id="row-keys" class="spoken">${this.trash ? '' : home.rowKeys}</p>
      <ul
        class="documents"
        aria-label=${this.trash ? home.trash : home.documents}
        aria-describedby="row-keys"
        @keydown=${this.#key}
      >
        ${repeat(
          this.documents,
          ({ id }) => id,
          (document) =>
            html`<li data-id=${document.id}>
              ${this.trash ? this.#thrown(document) : this.#kept(document)}
            </li>`,
        )}
      </ul>`
  }

  #kept(document: ListedDocument): TemplateResult {
    const { home } = words()
    const name = nameOf(document)
    if (this.editing?.id === document.id) return this.#field(document, this.editing)
    return html`<a class="name" dir="auto" href=${pathOf(document.id)} title=${name}>${name}</a>
      ${this.#mayDo(document)} ${this.#time(document.updatedAt)}
      <button
        class="icon-button menu"
        tabindex="-1"
        aria-haspopup="menu"
        aria-expanded="false"
        aria-label=${home.actionsOf(name)}
        title=${home.actions}
        @click=${(event: Event) => this.#wish('menu', document, event)}
      >
        ${icon('more')}
      </button>`
  }

  #thrown(document: ListedDocument): TemplateResult {
    const { home } = words()
    const name = nameOf(document)
    return html`<span class="name" dir="auto" title=${name}>${name}</span>
      ${this.#time(document.trashedAt ?? 0, home.trashedWhen)}
      ${
        document.access === 'admin'
          ? html`<button
              class="restore"
              aria-label=${home.restoreOf(name)}
              @click=${(event: Event) => this.#wish('restore', document, event)}
            >
              ${home.restore}
            </button>`
          : nothing
      }`
  }

  #mayDo({ access }: ListedDocument): TemplateResult | typeof nothing {
    if (access === 'admin') return nothing
    const { mayEdit, mayView } = words().home
    return html`<span class="may">${canWrite(access) ? mayEdit : mayView}</span>`
  }

  #time(time: number, told = (when: string): string => when): TemplateResult | typeof nothing {
    // Nobody wrote it down.
    if (time === 0) return nothing
    const { lang } = this.ownerDocument.documentElement
    return html`<time datetime=${new Date(time).toISOString()} title=${exactTime(time, lang)}
      >${told(whenWas(time, this.now, lang))}</time
    >`
  }

  #field(document: ListedDocument, { draft, fault }: Editing): TemplateResult {
    const { page } = words()
    return html`<input
        class="field name"
        type="text"
        dir="auto"
        autocomplete="off"
        aria-label=${page.title}
        aria-describedby="row-fault"
        aria-invalid=${fault === '' ? 'false' : 'true'}
        placeholder=${page.untitled}
        maxlength=${MAX_TITLE}
        .value=${draft}
        @keydown=${(event: KeyboardEvent) => this.#fieldKey(event, document)}
        @blur=${(event: Event) => this.#left(document, event.target as HTMLInputElement)}
      />
      <span id="row-fault" class="fault">${fault}</span>`
  }

  #fieldKey(event: KeyboardEvent, document: ListedDocument): void {
    event.stopPropagation()
    if (event.isComposing || (event.key !== 'Enter' && event.key !== 'Escape')) return
    event.preventDefault()
    if (event.key === 'Enter') this.#confirm(document, event.target as HTMLInputElement)
    else this.editing = null
    void this.updateComplete.then(() => this.focusRow(document.id))
  }

  #left(document: ListedDocument, input: HTMLInputElement): void {
    void this.updateComplete.then(() => {
      // Its row may only have taken another place.
      if (!input.matches(':focus')) this.#confirm(document, input)
    })
  }

  #confirm(document: ListedDocument, { value }: HTMLInputElement): void {
    if (this.editing?.id !== document.id) return
    this.editing = null
    const title = value.trim()
    if (title === document.title) return
    const detail: RowRename = { document, title }
    this.dispatchEvent(new CustomEvent('row-rename', { bubbles: true, detail }))
  }

  #wish(name: RowWish['name'], document: ListedDocument, { currentTarget }: Event): void {
    const detail: RowWish = { name, document, from: currentTarget as HTMLElement }
    this.dispatchEvent(new CustomEvent('row-wish', { bubbles: true, detail }))
  }

  /** What of each row the Tab key reaches. */
  get #stops(): readonly HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>('li > .name, li > .restore')].filter(
      (element) => element.tabIndex >= 0,
    )
  }

  readonly #key = (event: KeyboardEvent): void => {
    const target = event.target as HTMLElement
    const row = target.closest('li')
    const document = this.documents.find(({ id }) => id === row?.dataset['id'])
    if (row === null || document === undefined || hasModifier(event)) return
    // A key that is held down goes through the rows, and throws none of them away but the first.
    if (event.repeat && !event.key.startsWith('Arrow')) return
    if (this.#move(event.key, row, target) || this.#act(event.key, document, target)) {
      event.preventDefault()
    }
  }

  #move(key: string, row: HTMLElement, from: HTMLElement): boolean {
    const stops = this.#stops
    const place = stops.findIndex((stop) => row.contains(stop))
    const isRightToLeft = getComputedStyle(this).direction === 'rtl'
    const wanted = {
      ArrowDown: stops[place + 1],
      ArrowUp: stops[place - 1],
      Home: stops[0],
      End: stops.at(-1),
      [isRightToLeft ? 'ArrowLeft' : 'ArrowRight']: row.querySelector<HTMLElement>('.menu'),
      [isRightToLeft ? 'ArrowRight' : 'ArrowLeft']: stops[place],
    }[key]
    if (wanted === undefined || wanted === null || wanted === from) return false
    wanted.focus()
    return true
  }

  #act(key: string, document: ListedDocument, from: HTMLElement): boolean {
    if (this.trash) return false
    if (key === 'F2' && canWrite(document.access)) void this.edit(document)
    else if (key === 'Delete' && document.access === 'admin') {
      const detail: RowWish = { name: 'trash', document, from }
      this.dispatchEvent(new CustomEvent('row-wish', { bubbles: true, detail }))
    } else return false
    return true
  }
}

function hasModifier({ altKey, ctrlKey, metaKey, shiftKey }: KeyboardEvent): boolean {
  return altKey || ctrlKey || metaKey || shiftKey
}

import type { Cancel, Clock } from '@coscribe/shared'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import type { ApiClient } from '../api-client.js'
import { copyText } from '../copy-text.js'
import type { DocumentsApi, ListedDocument } from '../documents-api.js'
import { failureText, isUnknownHere } from '../failure-text.js'
import type { PopupMenu } from '../popup-menu.js'
import { HOME_PATH, NEW_PATH, pathOf, TRASH_PATH } from '../route.js'
import type { ShareDialog } from '../share/share-dialog.js'
import { followWords, words } from '../words.js'
import { DocumentDesk, nameOf } from './document-desk.js'
import { DocumentList } from './document-list.js'
import type { DocumentRows, RowRename, RowWish } from './document-rows.js'
import { emptyPart, failurePart, keptPart, searchPart, waitingPart } from './home-parts.js'
import { itemsFor, type RowAct } from './row-acts.js'
import type { Said } from './said-line.js'

/** What the documents stand on. */
export interface ShelfSetup {
  readonly clock: Clock
  readonly client: ApiClient
  readonly documents: DocumentsApi
  /** Whether they are those in the trash. */
  readonly trash: boolean
  /** Whether this tab has a credential. */
  readonly guarded: boolean
  /** The documents whose copy is on this device. Never rejects. */
  readonly kept: () => Promise<readonly ListedDocument[]>
  readonly say: (said: Said | null) => void
  /** The server does not know who asks. */
  readonly shut: () => void
}

/** How often "a minute ago" is looked at again. */
const MINUTE_MS = 60_000

/** The documents, or those in the trash: found, opened, named, shared, thrown away and brought back. */
export class DocumentShelf extends LitElement {
  static override readonly properties = {
    kept: { state: true },
    menuOf: { state: true },
    sharing: { state: true },
  }

  /** The documents on this device; `null` before they were looked for. */
  declare protected kept: readonly ListedDocument[] | null
  /** Whose menu is open, or was last. */
  declare protected menuOf: ListedDocument | null
  /** Whose sharing is being looked at, or was last. */
  declare protected sharing: ListedDocument | null
  readonly #setup: ShelfSetup
  readonly #list: DocumentList
  readonly #desk: DocumentDesk
  #cancelMinute: Cancel | null = null
  #edge: IntersectionObserver | null = null

  constructor(setup: ShelfSetup) {
    super()
    followWords(this)
    const { documents: api, clock, trash, say } = setup
    this.#setup = setup
    this.kept = null
    this.menuOf = null
    this.sharing = null
    const changed = (): void => this.#changed()
    const list = new DocumentList({ api, clock, trashed: trash, changed })
    const isBack = (id: string): void => void this.#focusRow(id, 0)
    this.#list = list
    this.#desk = new DocumentDesk({ api, list, say, isBack })
  }

  protected override createRenderRoot(): this {
    return this
  }

  override connectedCallback(): void {
    super.connectedCallback()
    window.addEventListener('online', this.#lookAgain)
    this.ownerDocument.addEventListener('visibilitychange', this.#lookAgain)
    this.#list.refresh()
    this.#tick()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    window.removeEventListener('online', this.#lookAgain)
    this.ownerDocument.removeEventListener('visibilitychange', this.#lookAgain)
    this.#list.stop()
    this.#cancelMinute?.()
    this.#edge?.disconnect()
  }

  protected override updated(): void {
    this.#watchEdge()
  }

  protected override render(): TemplateResult {
    const { home, page } = words()
    const { trash, client, guarded } = this.#setup
    return html`<div class="top">
        <h1 tabindex="-1">${trash ? home.trash : home.documents}</h1>
        ${trash ? nothing : html`<a class="primary" href=${NEW_PATH}>${page.newDocument}</a>`}
      </div>
      ${trash ? html`<p class="dim">${home.trashMeans(this.#list.keptDays)}</p>` : nothing}
      ${this.#documents()}
      <p class="elsewhere">
        <a href=${trash ? HOME_PATH : TRASH_PATH}>${trash ? home.toDocuments : home.trash}</a>
      </p>
      <popup-menu
        .items=${this.menuOf === null ? [] : itemsFor(this.menuOf)}
        label=${this.menuOf === null ? '' : home.actionsOf(nameOf(this.menuOf))}
        @menu-chosen=${(event: CustomEvent<RowAct>) => this.#chosen(event.detail)}
      ></popup-menu>
      <share-dialog .client=${client} .document=${this.sharing} .guarded=${guarded}></share-dialog>`
  }

  #documents(): TemplateResult {
    const { documents, failure } = this.#list
    const retry = (): void => this.#list.refresh()
    if (failure?.kind === 'unreachable' && documents === null) {
      return this.kept === null ? waitingPart() : keptPart(this.kept, this.#setup.trash, retry)
    }
    const broken = failure === null ? nothing : failurePart(failureText(failure), retry)
    if (documents === null) return failure === null ? waitingPart() : html`${broken}`
    return html`${this.#head(documents)} ${broken} ${this.#rowsOf(documents)} ${this.#more()}`
  }

  #head(documents: readonly ListedDocument[]): TemplateResult {
    const { search, hasMore, failure } = this.#list
    const isSearching = search !== '' || this.#typed !== ''
    if (documents.length === 0 && !isSearching && failure === null) {
      return emptyPart(this.#setup.trash)
    }
    const count = search === '' ? null : documents.length
    return searchPart({ count, more: hasMore, search }, (text) => {
      this.#setup.say(null)
      this.#list.searchFor(text)
    })
  }

  #rowsOf(documents: readonly ListedDocument[]): TemplateResult {
    return html`<document-rows
      .documents=${documents}
      .now=${this.#setup.clock.wallTime()}
      .trash=${this.#setup.trash}
      @row-wish=${(event: CustomEvent<RowWish>) => void this.#wished(event.detail)}
      @row-rename=${(event: CustomEvent<RowRename>) => void this.#rename(event.detail)}
    ></document-rows>`
  }

  #more(): TemplateResult | typeof nothing {
    if (!this.#list.hasMore) return nothing
    return html`<p class="more">
      <button id="more" ?disabled=${this.#list.isAsking} @click=${() => this.#list.more()}>
        ${words().home.more}
      </button>
    </p>`
  }

  get #rows(): DocumentRows | null {
    return this.querySelector<DocumentRows>('document-rows')
  }

  /** What stands in the field to search with. */
  get #typed(): string {
    return this.querySelector<HTMLInputElement>('#search')?.value ?? ''
  }

  #changed(): void {
    this.requestUpdate()
    const { failure, documents } = this.#list
    if (failure !== null && isUnknownHere(failure)) return this.#setup.shut()
    if (failure?.kind !== 'unreachable' || documents !== null || this.kept !== null) return
    void this.#setup.kept().then((kept) => {
      this.kept = kept
    })
  }

  async #wished({ name, document, from }: RowWish): Promise<void> {
    if (name === 'menu') {
      this.menuOf = document
      await this.updateComplete
      return this.querySelector<PopupMenu>('popup-menu')?.openAt(from)
    }
    const index = this.#list.documents?.indexOf(document) ?? 0
    const done = name === 'trash' ? this.#desk.trash(document) : this.#desk.restore(document)
    await this.#focusRow('', index)
    await done
  }

  /** The row of a document; or the one that took its place, for who goes through the list. */
  async #focusRow(id: string, index: number): Promise<void> {
    await this.updateComplete
    await this.#rows?.updateComplete
    this.#rows?.focusRow(id, index)
    if (this.ownerDocument.activeElement !== this.ownerDocument.body) return
    this.querySelector<HTMLElement>('h1')?.focus()
  }

  #chosen(act: RowAct): void {
    const document = this.menuOf
    if (document === null) return
    this.#setup.say(null)
    if (act === 'rename') void this.#rows?.edit(document)
    else if (act === 'copy') void this.#copy(document)
    else if (act === 'share') void this.#share(document)
    else void this.#wished({ name: 'trash', document, from: this })
  }

  async #rename({ document, title }: RowRename): Promise<void> {
    const failure = await this.#desk.rename(document, title)
    // Who is typing another title by now is not torn out of it; it was said.
    if (failure === null || this.#rows?.isEditing === true) return
    await this.#rows?.edit(document, title, failureText(failure))
  }

  async #copy(document: ListedDocument): Promise<void> {
    if (!(await copyText(location.origin + pathOf(document.id)))) return this.#share(document)
    this.#setup.say({ text: words().page.addressCopied })
  }

  async #share(document: ListedDocument): Promise<void> {
    this.sharing = document
    await this.updateComplete
    this.querySelector<ShareDialog>('share-dialog')?.open()
  }

  readonly #lookAgain = (): void => {
    if (!this.ownerDocument.hidden) this.#list.refresh()
  }

  #tick(): void {
    this.#cancelMinute = this.#setup.clock.after(MINUTE_MS, () => {
      this.requestUpdate()
      this.#tick()
    })
  }

  /** Whoever scrolls to the end has more before they ask. */
  #watchEdge(): void {
    const button = this.querySelector('#more')
    this.#edge?.disconnect()
    this.#edge = null
    if (button === null || this.#list.isAsking || this.#list.failure !== null) return
    this.#edge = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) this.#list.more()
    })
    this.#edge.observe(button)
  }
}

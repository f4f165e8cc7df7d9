import { systemClock, type Access } from '@coscribe/shared'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type { ApiClient, Failure } from '../api-client.js'
import { copyText } from '../copy-text.js'
import { failureText } from '../failure-text.js'
import { pathOf } from '../route.js'
import { followWords, words } from '../words.js'
import { linkRow, newLinkForm, type NewLink } from './link-parts.js'
import { LinksApi, type MadeLink, type SharedLink } from './links-api.js'

/** What is shared, by whom. */
export interface Shareable {
  readonly id: string
  readonly title: string
  /** What whoever shares it may do. */
  readonly access: Access
}

/**
 * A document's address, and, for who administers it, the links to it: to be made, listed and taken back. As a native
 * dialog, so that the focus stays in it and goes back to where it was.
 */
export class ShareDialog extends LitElement {
  static override readonly properties = {
    client: { attribute: false },
    document: { attribute: false },
    guarded: { type: Boolean },
    links: { state: true },
    made: { state: true },
    doubted: { state: true },
    busy: { state: true },
    fault: { state: true },
    said: { state: true },
  }

  declare client: ApiClient | undefined
  declare document: Shareable | null
  /** Whether the server knows people. */
  declare guarded: boolean
  /** `null` before they are known. */
  declare protected links: readonly SharedLink[] | null
  /** The link whose token is still here to be copied. */
  declare protected made: MadeLink | null
  /** The link that is about to be taken back; empty for none. */
  declare protected doubted: string
  declare protected busy: boolean
  /** Why the last thing did not work; empty when it did. */
  declare protected fault: string
  /** What the last thing was, for who does not see it. */
  declare protected said: string

  static define(): void {
    if (customElements.get('share-dialog') === undefined) {
      customElements.define('share-dialog', ShareDialog)
    }
  }

  constructor() {
    super()
    followWords(this)
    this.document = null
    this.guarded = false
    this.#begin()
  }

  protected override createRenderRoot(): this {
    return this
  }

  /** Opens it for its document. */
  open(): void {
    this.#begin()
    this.querySelector('dialog')?.showModal()
    if (this.#mayLink) void this.#load()
  }

  #begin(): void {
    this.links = null
    this.made = null
    this.doubted = ''
    this.busy = false
    this.fault = ''
    this.said = ''
  }

  /** Links are made by who administers a document, where somebody is asked who they are. */
  get #mayLink(): boolean {
    return this.guarded && this.document?.access === 'admin'
  }

  protected override render(): TemplateResult {
    const { share, dialogs, page } = words()
    const title = this.document?.title === '' ? page.untitled : (this.document?.title ?? '')
    return html`<dialog id="share-dialog" aria-labelledby="share-heading">
      <h2 id="share-heading">${share.heading(title)}</h2>
      ${this.#address()} ${this.#mayLink ? this.#linkPart() : nothing}
      <p class="fault" role="alert">${this.fault}</p>
      <p class="spoken" role="status">${this.said}</p>
      <div class="buttons"><button @click=${() => this.#close()}>${dialogs.close}</button></div>
    </dialog>`
  }

  protected override updated(changed: PropertyValues<this>): void {
    const isOther = this.document?.access !== changed.get('document')?.access
    // What they may do may be known only now.
    if (changed.has('document') && isOther && this.#mayLink && this.#isOpen) void this.#load()
  }

  get #isOpen(): boolean {
    return this.querySelector('dialog')?.open === true
  }

  #address(): TemplateResult {
    const { share, page } = words()
    const address = location.origin + pathOf(this.document?.id ?? '')
    return html`<label for="share-address">${share.address}</label>
      ${this.#copyable('share-address', address, page.addressCopied)}
      <p id="share-worth">${this.guarded ? share.forInvited : share.forEverybody}</p>`
  }

  #linkPart(): TemplateResult {
    const { share } = words()
    return html`<h3 id="links-heading" tabindex="-1">${share.links}</h3>
      <p>${share.linksMean}</p>
      ${newLinkForm(this.busy, (link) => void this.#make(link))} ${this.#madePart()} ${this.#list()}`
  }

  #madePart(): TemplateResult | typeof nothing {
    const { made, document } = this
    if (made === null || document === null) return nothing
    const { share } = words()
    const address = `${location.origin}${pathOf(document.id)}#token=${made.token}`
    return html`<label for="share-link">${share.newLink}</label>
      ${this.#copyable('share-link', address, share.linkCopied)}
      <p>${share.shownOnce}</p>`
  }

  #list(): TemplateResult | typeof nothing {
    if (this.links === null || this.links.length === 0) return nothing
    const now = systemClock.wallTime()
    return html`<ul class="links" aria-labelledby="links-heading">
      ${this.links.map((link) =>
        linkRow(link, {
          now,
          isDoubted: link.id === this.doubted,
          doubt: (is) => void this.#doubt(is ? link.id : '', link.id),
          revoke: () => void this.#revoke(link),
        }),
      )}
    </ul>`
  }

  #copyable(id: string, text: string, said: string): TemplateResult {
    return html`<div class="copyable">
      <input
        id=${id}
        class="field"
        readonly
        .value=${text}
        @focus=${(event: Event) => (event.currentTarget as HTMLInputElement).select()}
      />
      <button class="primary" @click=${() => void this.#copy(id, text, said)}>
        ${words().share.copy}
      </button>
    </div>`
  }

  async #copy(id: string, text: string, said: string): Promise<void> {
    this.fault = ''
    if (await copyText(text)) this.said = said
    else {
      // The text is selected then, which is half of copying it.
      this.querySelector<HTMLInputElement>(`#${id}`)?.focus()
      this.said = words().share.copyByHand
    }
  }

  async #load(): Promise<void> {
    const { api, id } = this.#api()
    const before = this.links
    const outcome = await api.list()
    if (id !== this.document?.id) return
    if (outcome.kind !== 'done') return this.#failed(outcome)
    // One was made or taken back meanwhile, which the server may not have known when it answered.
    if (this.links !== before) return this.#load()
    this.links = outcome.value
  }

  async #make({ level, ttlSeconds }: NewLink): Promise<void> {
    if (this.busy) return
    this.busy = true
    this.fault = ''
    const { api, id } = this.#api()
    const outcome = await api.make(level, ttlSeconds)
    if (id !== this.document?.id) return
    this.busy = false
    if (outcome.kind !== 'done') return this.#failed(outcome)
    this.made = outcome.value
    // The list may have been asked for when it was there already.
    const others = (this.links ?? []).filter((link) => link.id !== outcome.value.id)
    this.links = [...others, outcome.value]
    this.said = words().share.linkMade
    await this.updateComplete
    this.querySelector<HTMLInputElement>('#share-link')?.focus()
  }

  async #doubt(doubted: string, id: string): Promise<void> {
    this.doubted = doubted
    await this.updateComplete
    this.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"] button`)?.focus()
  }

  async #revoke({ id }: SharedLink): Promise<void> {
    const { api, id: documentId } = this.#api()
    this.fault = ''
    const outcome = await api.revoke(id)
    if (documentId !== this.document?.id) return
    if (outcome.kind !== 'done') return this.#failed(outcome)
    this.links = this.links?.filter((link) => link.id !== id) ?? null
    if (this.made?.id === id) this.made = null
    this.said = words().share.linkRevoked
    await this.updateComplete
    this.querySelector<HTMLElement>('#links-heading')?.focus()
  }

  #failed(failure: Failure): void {
    this.fault = failureText(failure)
  }

  #api(): { readonly api: LinksApi; readonly id: string } {
    const { client, document } = this
    if (client === undefined || document === null) throw new TypeError('there is nothing to share')
    return { api: new LinksApi(client, document.id), id: document.id }
  }

  #close(): void {
    this.querySelector('dialog')?.close()
  }
}

import type { Clock } from '@coscribe/shared'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import type { ApiClient } from '../api-client.js'
import { otherLinkDialog, signOutDialog } from '../access-dialogs.js'
import type { DocumentsApi, ListedDocument } from '../documents-api.js'
import { iconButton } from '../icon-button.js'
import type { Memory } from '../memory.js'
import { OwnTheme } from '../own-theme.js'
import type { PageAccess } from '../page-access.js'
import { HOME_PATH } from '../route.js'
import { sentence } from '../sign-in.js'
import { nextTheme } from '../theme-choice.js'
import { followWords, words } from '../words.js'
import { DocumentShelf } from './document-shelf.js'
import type { Said } from './said-line.js'

/** What the page of documents stands on. */
export interface HomeSetup {
  readonly access: PageAccess
  readonly memory: Memory
  readonly clock: Clock
  readonly client: ApiClient
  readonly documents: DocumentsApi
  /** Whether it is of the trash. */
  readonly trash: boolean
  /** What was wrong with the link that led here; empty when nothing was. */
  readonly fault: string
  /** The documents whose copy is on this device. Never rejects. */
  readonly kept: () => Promise<readonly ListedDocument[]>
  /** Opens the page anew, as whom this tab comes to the server now. */
  readonly again: () => void
}

/** The page that lists documents, or those in the trash. In the light DOM, like the page of a document. */
export class HomePage extends LitElement {
  static override readonly properties = {
    said: { state: true },
    fault: { state: true },
    offered: { state: true },
    shelf: { state: true },
  }

  declare protected said: Said | null
  /** What was wrong with what was tried last to come in. */
  declare protected fault: string
  /** The token of a link that would make somebody else of this tab. */
  declare protected offered: string | null
  /** The documents; `null` where the server does not know who asks. */
  declare protected shelf: DocumentShelf | null
  readonly #setup: HomeSetup
  readonly #theme: OwnTheme

  constructor(setup: HomeSetup) {
    super()
    followWords(this)
    this.#setup = setup
    this.#theme = new OwnTheme(this, setup.memory)
    this.said = null
    this.fault = setup.fault
    this.offered = null
    this.shelf = this.#newShelf()
  }

  protected override createRenderRoot(): this {
    return this
  }

  /** Asks whether a link is to be used that would make somebody else of this tab. */
  offer(token: string): void {
    this.offered = token
    void this.updateComplete.then(() => this.#openDialog('other-link-dialog'))
  }

  /** Goes on with another credential, if the server takes it. Never rejects. */
  async use(token: string): Promise<void> {
    this.offered = null
    const outcome = await this.#setup.access.use(token)
    if (outcome.kind === 'in-use') return this.#setup.again()
    this.fault = sentence(outcome.reason)
    this.said = { text: this.fault }
  }

  /** Puts the focus where somebody who came by a link goes on. */
  takeFocus(): void {
    void this.updateComplete
      .then(() => this.shelf?.updateComplete)
      .then(() => this.querySelector<HTMLElement>('h1')?.focus())
  }

  protected override updated(): void {
    const { home, page } = words()
    this.ownerDocument.title = page.tabTitle(this.#setup.trash ? home.trash : home.documents)
  }

  protected override render(): TemplateResult {
    return html`<a class="skip" href="#main" @click=${this.#skip}>${words().home.skip}</a>
      ${this.#header()}
      <main id="main" class="shelf" tabindex="-1">${this.shelf ?? this.#signIn()}</main>
      ${this.#accessDialogs()}`
  }

  #header(): TemplateResult {
    const { page } = words()
    const theme = this.#theme.current
    const signOut = (): void => this.#openDialog('sign-out-dialog')
    return html`<header>
      <a class="home" href=${HOME_PATH} aria-label=${page.home} title=${page.home}>Coscribe</a>
      <said-line
        .said=${this.said}
        @said-over=${() => {
          this.said = null
        }}
      ></said-line>
      <nav aria-label=${page.tools}>
        ${iconButton('theme', theme, page.theme(theme), () => this.#changeTheme())}
        ${
          this.#setup.access.isSomebody
            ? iconButton('sign-out', 'leave', page.signOut, signOut)
            : nothing
        }
      </nav>
    </header>`
  }

  #newShelf(): DocumentShelf {
    const { access } = this.#setup
    return new DocumentShelf({
      ...this.#setup,
      guarded: access.isSomebody,
      say: (said) => {
        this.said = said
      },
      shut: () => {
        this.shelf = null
      },
    })
  }

  #signIn(): TemplateResult {
    const { access, again } = this.#setup
    return html`<sign-in
      .access=${access}
      .refusal=${access.session === null ? 'nobody' : 'ended'}
      .text=${words().home.signIn}
      .fault=${this.fault}
      @access-changed=${again}
      @access-retry=${() => {
        this.shelf = this.#newShelf()
      }}
    ></sign-in>`
  }

  #accessDialogs(): TemplateResult | typeof nothing {
    const { access } = this.#setup
    if (!access.isSomebody) return nothing
    const who = access.session?.subject ?? ''
    const { offered } = this
    const next = offered === null ? '' : (access.replacementBy(offered) ?? '')
    return html`${signOutDialog(who, false, () => void this.#signOut())}
    ${otherLinkDialog({ who, next, losing: false }, () => void this.use(offered ?? ''))}`
  }

  #openDialog(id: string): void {
    this.querySelector<HTMLDialogElement>(`#${id}`)?.showModal()
  }

  async #signOut(): Promise<void> {
    if (await this.#setup.access.leave()) return this.#setup.again()
    this.said = { text: words().page.notSignedOut }
  }

  #changeTheme(): void {
    const theme = nextTheme(this.#theme.current)
    this.#theme.choose(theme)
    this.said = { text: words().page.theme(theme) }
  }

  readonly #skip = (event: Event): void => {
    event.preventDefault()
    this.querySelector<HTMLElement>('main')?.focus()
  }
}

import type { Clock } from '@coscribe/shared'
import { html, LitElement, type TemplateResult } from 'lit'
import type { ApiClient } from '../api-client.js'
import type { DocumentsApi, ListedDocument } from '../documents-api.js'
import { iconButton } from '../icon-button.js'
import type { Memory } from '../memory.js'
import { OwnTheme } from '../own-theme.js'
import type { PageAccess } from '../page-access.js'
import { PageDoor } from '../page-door.js'
import { HOME_PATH } from '../route.js'
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
  /** Opens the place that is there then anew, as whom this tab comes to the server now. */
  readonly again: () => void
}

/** The page that lists documents, or those in the trash. In the light DOM, like the page of a document. */
export class HomePage extends LitElement {
  static override readonly properties = {
    said: { state: true },
    shelf: { state: true },
  }

  declare protected said: Said | null
  /** The documents; `null` where the server does not know who asks. */
  declare protected shelf: DocumentShelf | null
  /** Who comes in by this page, and who leaves. */
  readonly door: PageDoor
  readonly #setup: HomeSetup
  readonly #theme: OwnTheme
  /** As whom the documents are listed. */
  readonly #identity: string

  constructor(setup: HomeSetup) {
    super()
    followWords(this)
    this.#setup = setup
    this.#theme = new OwnTheme(this, setup.memory)
    this.said = null
    const say = (text: string): void => {
      this.said = { text }
    }
    this.door = new PageDoor(this, {
      ...setup,
      say,
      refused: say,
      // What is written here is written at once.
      isLosing: () => false,
      cameIn: () => this.#cameIn(),
    })
    this.#identity = setup.access.identity
    this.shelf = this.#newShelf()
  }

  protected override createRenderRoot(): this {
    return this
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
      ${this.door.dialogs()}`
  }

  #header(): TemplateResult {
    const { page } = words()
    const theme = this.#theme.current
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
        ${this.door.wayOut()}
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
    const { access } = this.#setup
    return html`<sign-in
      .access=${access}
      .refusal=${access.session === null ? 'nobody' : 'ended'}
      .text=${words().home.signIn}
      .fault=${this.door.fault}
      @access-changed=${() => this.#cameIn()}
      @access-retry=${() => {
        this.shelf = this.#newShelf()
      }}
    ></sign-in>`
  }

  #cameIn(): void {
    const { access, again } = this.#setup
    // Who went on meanwhile, and is who they were, is left alone.
    if (this.isConnected || access.identity !== this.#identity) again()
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

import type { LitElement, TemplateResult } from 'lit'
import { html, nothing } from 'lit'
import { otherLinkDialog, replacedDialog, signOutDialog } from './access-dialogs.js'
import { iconButton } from './icon-button.js'
import type { PageAccess } from './page-access.js'
import { sentence } from './sign-in.js'
import { words } from './words.js'

export interface DoorSetup {
  readonly access: PageAccess
  /** What was wrong with the link that led here; empty when nothing was. */
  readonly fault: string
  /** Whether something would be lost if somebody else went on in this tab. */
  readonly isLosing: () => boolean
  /** This tab comes with another credential from now on. */
  readonly cameIn: () => void
  /** Opens the place anew, as whom this tab comes to the server now. */
  readonly again: () => void
  /** Says something to who uses the page. */
  readonly say: (text: string) => void
  /** A link was of no use, and this is why: for a page that does not show `fault` in any case. */
  readonly refused?: (fault: string) => void
}

/** What a page does about who comes in by it and who leaves: links that are opened over it, and signing out. */
export class PageDoor {
  readonly #page: LitElement
  readonly #setup: DoorSetup
  #fault: string
  #offered: string | null = null

  /** @param page where the dialogs are; it is drawn again when something changes */
  constructor(page: LitElement, setup: DoorSetup) {
    this.#page = page
    this.#setup = setup
    this.#fault = setup.fault
  }

  /** What was wrong with what was tried last to come in; empty when nothing was. */
  get fault(): string {
    return this.#fault
  }

  /** It was read, or something else was tried since. */
  forgetFault(): void {
    this.#show('')
  }

  /** Asks whether a link is to be used that would make somebody else of this tab. */
  offer(token: string): void {
    this.#offered = token
    this.#page.requestUpdate()
    void this.#page.updateComplete.then(() => this.#open('other-link-dialog'))
  }

  /** Goes on with another credential, if the server takes it. Never rejects. */
  async use(token: string): Promise<void> {
    this.#offered = null
    const outcome = await this.#setup.access.use(token)
    if (outcome.kind === 'in-use') return this.#setup.cameIn()
    this.#show(sentence(outcome.reason))
    this.#setup.refused?.(this.#fault)
  }

  /** Another tab of this browser has signed in as somebody else, or out. */
  replaced(): void {
    if (this.#setup.isLosing()) this.#open('replaced-dialog')
    else this.#goOn()
  }

  /** What somebody leaves by, where there is somebody. */
  wayOut(): TemplateResult | typeof nothing {
    if (!this.#setup.access.isSomebody) return nothing
    const { signOut } = words().page
    return iconButton('sign-out', 'leave', signOut, () => this.#open('sign-out-dialog'))
  }

  dialogs(): TemplateResult | typeof nothing {
    const { access, isLosing } = this.#setup
    if (!access.isSomebody) return nothing
    const who = access.session?.subject ?? ''
    const offered = this.#offered
    const losing = isLosing()
    const next = offered === null ? '' : (access.replacementBy(offered) ?? '')
    return html`${signOutDialog(who, losing, () => void this.#signOut())}
    ${otherLinkDialog({ who, next, losing }, () => void this.use(offered ?? ''))}
    ${replacedDialog(() => this.#goOn())}`
  }

  #goOn(): void {
    this.#setup.access.follow()
    this.#setup.again()
  }

  async #signOut(): Promise<void> {
    if (await this.#setup.access.leave()) return this.#setup.again()
    this.#setup.say(words().page.notSignedOut)
  }

  #show(fault: string): void {
    this.#fault = fault
    this.#page.requestUpdate()
  }

  #open(id: string): void {
    // What would be lost is no property of the page.
    this.#page.requestUpdate()
    this.#page.querySelector<HTMLDialogElement>(`dialog#${id}`)?.showModal()
  }
}

import type { Clock } from '@coscribe/shared'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import type { CoscribeEditor } from '../editor/coscribe-editor.js'
import type { Fault } from '../phrases/reasons.js'
import type { Room } from '../room.js'
import { canWrite, type RoomStatus } from '../sync-status.js'
import type { ApiClient } from './api-client.js'
import { Desk } from './desk/desk.js'
import type { DeskFiles } from './desk/desk-files.js'
import { listenForShortcuts } from './desk/shortcuts.js'
import { helpDialog } from './dialogs.js'
import { documentHeader } from './document-header.js'
import { documentShare, openShare } from './document-share.js'
import type { DocumentsApi } from './documents-api.js'
import { lackingNote } from './lacking-note.js'
import { linkRefusedNote } from './link-refused-note.js'
import { guardLeaving } from './leave-guard.js'
import { onRemembered, type Memory } from './memory.js'
import { nameDialog, openNameDialog } from './name-dialog.js'
import { OwnLook } from './own-look.js'
import { OwnTheme } from './own-theme.js'
import type { PageAccess } from './page-access.js'
import { PageDoor } from './page-door.js'
import type { Person } from './person.js'
import { refusalOf, wordsOf, type Refusal } from './refusal.js'
import type { RememberedTitles } from './remembered-titles.js'
import { lastingRefusal, refusedPanel, type SetAside } from './set-aside.js'
import type { TitleField } from './title-field.js'
import { followWords, words } from './words.js'
import type { Theme } from './theme-choice.js'

/** What the page is about, and what it may use. */
export interface PageSetup {
  readonly room: Room
  readonly person: Person
  readonly memory: Memory
  readonly access: PageAccess
  readonly client: ApiClient
  readonly documents: DocumentsApi
  readonly titles: RememberedTitles
  /** What was wrong with the link that led here; empty when nothing was. */
  readonly fault: string
  readonly clock: Clock
  /** What of an earlier room was not taken. */
  readonly aside: SetAside | null
  /** Opens the document afresh, with what is here now set aside, after what was `before`. */
  readonly setAside: (reason: Fault, before: SetAside | null) => Promise<void>
  /** Opens the place that is there then anew, as whom this tab comes to the server now. */
  readonly again: () => void
}

/** Nothing can be written while the document is not here, and nothing without the right to. */
function isLocked({ save, access }: RoomStatus): boolean {
  return save === 'loading' || (access !== null && !canWrite(access))
}

/** The whole page of one document. In the light DOM, so that one style sheet and one policy cover it. */
export class DocumentPage extends LitElement {
  static override readonly properties = {
    spoken: { state: true },
    heading: { state: true },
    locked: { state: true },
    refusal: { state: true },
    access: { state: true },
    empty: { state: true },
    losing: { state: true },
    refused: { state: true },
    aside: { state: true },
    trashed: { state: true },
    isLacking: { state: true },
  }

  /** Something around the text could not be loaded. */
  declare isLacking: boolean

  declare protected locked: boolean
  /** The title for who reads headings; the field beside it is for who writes it. */
  declare protected heading: string
  /** Why the server does not let this tab in. */
  declare protected refusal: Refusal | null
  /** What may be done here, as far as the server has said. */
  declare protected access: RoomStatus['access']
  /** There is no text here that could be shown. */
  declare protected empty: boolean
  /** Something here is in this tab only. */
  declare protected losing: boolean
  /** Why the server will never take what is written here, or `null`. */
  declare protected refused: Fault | null
  declare protected aside: SetAside | null
  /** The document lies in the trash. */
  declare protected trashed: boolean
  /** What the live region says. */
  declare protected spoken: string
  /** Who comes in by this page, and who leaves. */
  readonly door: PageDoor
  readonly #setup: PageSetup
  readonly #desk: Desk
  /** As whom the room was made. */
  readonly #identity: string
  readonly #look: OwnLook
  readonly #theme: OwnTheme
  #stops: (() => unknown)[] = []

  constructor(setup: PageSetup) {
    super()
    followWords(this)
    this.#setup = setup
    this.#look = new OwnLook(setup.person, {
      ...setup,
      fixedName: setup.access.session?.name,
    })
    this.#desk = new Desk({
      room: setup.room,
      memory: setup.memory,
      root: this.ownerDocument.documentElement,
      say: (text) => {
        this.spoken = text
      },
    })
    this.#theme = new OwnTheme(this, setup.memory)
    this.door = new PageDoor(this, {
      ...setup,
      isLosing: () => this.#isLosing,
      cameIn: () => this.#accessChanged(),
      say: (text) => {
        this.spoken = text
      },
    })
    this.spoken = ''
    this.heading = setup.titles.of(setup.room.documentId)
    this.trashed = false
    this.#identity = setup.access.identity
    this.aside = setup.aside
    this.refusal = null
    this.isLacking = false
    this.#follow(setup.room.status)
  }

  protected override createRenderRoot(): this {
    return this
  }

  override connectedCallback(): void {
    super.connectedCallback()
    const { room } = this.#setup
    this.#stops = [
      guardLeaving(window, room, () => this.holdsMore),
      listenForShortcuts(window, {
        find: () => void this.#desk.find(),
        preview: () => this.#desk.showSide(this.#desk.side === null ? 'preview' : null),
        help: () => this.#openDialog('help-dialog'),
      }),
      room.on('status', (status) => this.#follow(status)),
      this.#look.watch(window),
      onRemembered(window, () => this.#desk.recall()),
      room.on('info', ({ title }) => this.#setup.titles.keep(room.documentId, title)),
    ]
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const stop of this.#stops.splice(0)) stop()
    this.#desk.destroy()
  }

  /** Whether there is something in this tab that is nowhere else, beside the document. */
  get holdsMore(): boolean {
    return this.aside !== null || this.#title?.isPending === true
  }

  /** Whether that would be lost when its owner goes on to another place of the page. */
  get losesMore(): boolean {
    return this.aside !== null || this.#title?.isStuck === true
  }

  /** Puts the focus where somebody who came by a link goes on: in a new document they write. */
  takeFocus(isNew: boolean): void {
    const heading = (): HTMLElement | null => this.querySelector<HTMLElement>('h1')
    void this.updateComplete.then(() => heading()?.focus())
    if (!isNew) return
    this.#setup.room.whenReady().then(
      () => {
        if (this.ownerDocument.activeElement === heading()) this.#text?.focus()
      },
      // It does not open, and why is on the page.
      () => undefined,
    )
  }

  #follow(status: RoomStatus): void {
    const { session } = this.#setup.access
    this.locked = isLocked(status)
    this.access = status.access
    this.empty = status.save === 'loading'
    this.losing = status.pending.updates > 0 && !status.keptLocally
    this.refused = lastingRefusal(status)
    const trashed = status.connection === 'closed' && status.error?.code === 'trashed'
    if (trashed && !this.trashed) this.spoken = words().notes.trashed.heading
    this.trashed = trashed
    const refusal = refusalOf(status, session)
    if (refusal !== null && refusal !== this.refusal)
      this.spoken = wordsOf(refusal, session).heading
    this.refusal = refusal
  }

  protected override updated(): void {
    this.ownerDocument.title = words().page.tabTitle(this.#shownTitle)
    void this.#drawn()
  }

  async #drawn(): Promise<void> {
    const editor = this.#text
    await editor?.updateComplete
    // Another one may have been drawn meanwhile.
    if (editor === this.#text) this.#desk.drawn(editor?.handle?.view ?? null, this.heading)
  }

  get #shownTitle(): string {
    return this.heading || words().page.untitled
  }

  protected override render(): TemplateResult {
    return html`${this.#skipLink()} ${this.#header()} ${this.#main()}
      <desk-side .desk=${this.#desk} .theme=${this.#theme.current}></desk-side>
      <desk-bar .desk=${this.#desk}></desk-bar>
      <desk-files .desk=${this.#desk}></desk-files>
      <desk-note .desk=${this.#desk}></desk-note>
      <settings-dialog
        .desk=${this.#desk}
        .theme=${this.#theme.current}
        @theme-wanted=${(event: CustomEvent<Theme>) => this.#changeTheme(event.detail)}
      ></settings-dialog>
      ${helpDialog(navigator.userAgent.includes('Mac'))} ${nameDialog(this.#look)}
      ${documentShare(this.#setup, { title: this.heading, may: this.access })}
      ${this.door.dialogs()}
      <p id="spoken" class="spoken" role="status">${this.spoken}</p>`
  }

  #skipLink(): TemplateResult | typeof nothing {
    if (this.#isGone) return nothing
    const { skipToSignIn, skipToText } = words().page
    return this.#isShut
      ? html`<a class="skip" href="#invite" @click=${this.#skip}>${skipToSignIn}</a>`
      : html`<a class="skip" href="#text" @click=${this.#skip}>${skipToText}</a>`
  }

  /** Without a text, and without a way to one, there is nothing to be looked at but the way in. */
  get #isShut(): boolean {
    return this.refusal !== null && this.empty
  }

  /** In the trash, and nothing of it is here. */
  get #isGone(): boolean {
    return this.trashed && this.empty
  }

  #accessChanged(): void {
    const { access, room, again } = this.#setup
    this.door.forgetFault()
    if (access.identity !== this.#identity) return again()
    // Somebody went on meanwhile, and the room is over.
    if (!this.isConnected) return
    room.connect()
    this.#text?.focus()
  }

  #header(): TemplateResult {
    return documentHeader({
      room: this.#setup.room,
      desk: this.#desk,
      door: this.door,
      theme: this.#theme.current,
      changeTheme: (theme) => this.#changeTheme(theme),
      open: (dialog) => this.#openDialog(dialog),
      share: () => void openShare(this),
      chooseFile: () => this.querySelector<DeskFiles>('desk-files')?.choose(),
      nameWanted: () => openNameDialog(this, this.#look),
    })
  }

  get #hint(): string {
    const { startWriting, startWritingTogether } = words().page
    return this.#setup.access.isSomebody ? startWriting : startWritingTogether
  }

  #main(): TemplateResult {
    const { room } = this.#setup
    if (this.#isShut) return html`<main>${this.#signIn(false)}</main>`
    if (this.#isGone) return html`<main>${this.#trashedNote()}</main>`
    return html`<main @title-done=${() => this.#text?.focus()}>
      ${this.refusal === null ? nothing : this.#signIn(true)} ${this.#notes()}
      <h1 class="spoken" tabindex="-1">${this.#shownTitle}</h1>
      <title-field
        .room=${room}
        .remembered=${this.#setup.titles.of(room.documentId)}
        .locked=${this.locked}
        @title-shown=${(event: CustomEvent<string>) => {
          this.heading = event.detail.trim()
        }}
      ></title-field>
      <coscribe-editor
        id="text"
        label=${words().page.text}
        theme=${this.#theme.current === 'system' ? 'auto' : this.#theme.current}
        placeholder=${this.locked ? '' : this.#hint}
        .room=${room}
      ></coscribe-editor>
    </main>`
  }

  #notes(): TemplateResult {
    const { refused, aside } = this
    const { room, setAside } = this.#setup
    return html`${this.#linkRefused()}${this.isLacking ? lackingNote() : nothing}${
      this.trashed ? this.#trashedNote() : nothing
    }${refused === null ? nothing : refusedPanel(refused, () => void setAside(refused, aside))}${
      aside === null
        ? nothing
        : html`<set-aside-note
            .aside=${aside}
            .documentId=${room.documentId}
            @aside-copied=${() => {
              this.spoken = words().page.textCopied
            }}
            @aside-done=${() => {
              this.aside = null
              this.#text?.focus()
            }}
          ></set-aside-note>`
    }`
  }

  /** Where there is a way in on the page, it says so itself. */
  #linkRefused(): TemplateResult | typeof nothing {
    const { fault } = this.door
    if (fault === '' || this.refusal !== null) return nothing
    return linkRefusedNote(fault, () => {
      this.door.forgetFault()
      this.#text?.focus()
    })
  }

  #trashedNote(): TemplateResult {
    const { room, documents } = this.#setup
    return html`<trashed-note
      .documents=${documents}
      .documentId=${room.documentId}
      .pending=${room.status.pending.updates > 0}
      .alone=${this.#isGone}
      @document-back=${() => this.isConnected && room.connect()}
    ></trashed-note>`
  }

  #signIn(beside: boolean): TemplateResult {
    const { access, room } = this.#setup
    return html`<sign-in
      .access=${access}
      .refusal=${this.refusal}
      .fault=${this.door.fault}
      .beside=${beside}
      @access-changed=${() => this.#accessChanged()}
      @access-retry=${() => room.connect()}
    ></sign-in>`
  }

  get #text(): CoscribeEditor | null {
    return this.querySelector('coscribe-editor')
  }

  get #title(): TitleField | null {
    return this.querySelector<TitleField>('title-field')
  }

  /** Whether a change of person would lose something of the document or its title, or what was set aside. */
  get #isLosing(): boolean {
    return this.losing || this.holdsMore
  }

  readonly #skip = (event: Event): void => {
    event.preventDefault()
    const target = this.#text ?? this.querySelector<HTMLElement>('#invite')
    target?.focus()
  }

  #openDialog(id: string): void {
    // What is being typed into the title is no property of this.
    this.requestUpdate()
    this.querySelector<HTMLDialogElement>(`dialog#${id}`)?.showModal()
  }

  #changeTheme(theme: Theme): void {
    this.#theme.choose(theme)
    this.spoken = words().page.theme(theme)
  }
}

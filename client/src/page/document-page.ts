import type { Cancel, Clock } from '@coscribe/shared'
import { html, LitElement, type TemplateResult } from 'lit'
import type { Room } from '../room.js'
import { canWrite, type RoomStatus } from '../sync-status.js'
import { Announcer } from './announcer.js'
import { copyText } from './copy-text.js'
import { addressDialog, helpDialog, iconButton, nameDialog } from './dialogs.js'
import { icon } from './icons.js'
import { guardLeaving } from './leave-guard.js'
import type { Memory } from './memory.js'
import { peopleIn } from './people.js'
import { cleanName, rememberPerson, type Person } from './person.js'
import { readTitle } from './shared-title.js'
import { applyTheme, nextTheme, rememberedTheme, type Theme } from './theme-choice.js'

/** What the page is about, and what it may use. */
export interface PageSetup {
  readonly room: Room
  readonly person: Person
  readonly memory: Memory
  readonly clock: Clock
}

/** Nothing can be written while the document is not here, and nothing without the right to. */
function isLocked({ save, access }: RoomStatus): boolean {
  return save === 'loading' || (access !== null && !canWrite(access))
}

/** How long "Copied" stands where "Share" was. */
const COPIED_MS = 2_000

/** The whole page of one document. In the light DOM, so that one style sheet and one policy cover it. */
export class DocumentPage extends LitElement {
  static override readonly properties = {
    person: { state: true },
    theme: { state: true },
    copied: { state: true },
    spoken: { state: true },
    heading: { state: true },
    locked: { state: true },
  }

  declare protected person: Person
  declare protected theme: Theme
  declare protected copied: boolean
  declare protected locked: boolean
  /** The title for who reads headings; the field beside it is for who writes it. */
  declare protected heading: string
  /** What the live region says. */
  declare protected spoken: string
  readonly #setup: PageSetup
  #cancelCopied: Cancel | null = null
  #stops: (() => unknown)[] = []

  constructor(setup: PageSetup) {
    super()
    this.#setup = setup
    this.person = setup.person
    this.theme = rememberedTheme(setup.memory)
    this.copied = false
    this.spoken = ''
    this.heading = ''
    this.locked = isLocked(setup.room.status)
  }

  protected override createRenderRoot(): this {
    return this
  }

  override connectedCallback(): void {
    super.connectedCallback()
    const { room, clock } = this.#setup
    const announcer = new Announcer(clock, (text) => {
      this.spoken = text
    })
    const title = room.text('title')
    const showTitle = (): void => {
      this.heading = readTitle(title).trim() || 'Untitled'
      this.ownerDocument.title = `${this.heading} — Coscribe`
    }
    title.observe(showTitle)
    showTitle()
    this.#stops = [
      guardLeaving(window, room),
      room.on('status', (status) => {
        this.locked = isLocked(status)
      }),
      room.presence.subscribe((others) => announcer.update(peopleIn(others, this.person.id))),
      () => announcer.stop(),
      () => title.unobserve(showTitle),
    ]
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const stop of this.#stops.splice(0)) stop()
    this.#cancelCopied?.()
  }

  protected override render(): TemplateResult {
    return html`<a class="skip" href="#text" @click=${this.#skip}>Skip to the text</a>
      ${this.#header()} ${this.#main()} ${helpDialog(navigator.userAgent.includes('Mac'))}
      ${nameDialog(this.person.name, (name) => this.#rename(name))} ${addressDialog(location.href)}
      <p id="spoken" class="spoken" role="status">${this.spoken}</p>`
  }

  #header(): TemplateResult {
    const { room } = this.#setup
    return html`<header>
      <a class="home" href="/" title="New document" aria-label="Coscribe: new document">Coscribe</a>
      <coscribe-status id="status" .room=${room}></coscribe-status>
      <nav aria-label="Document" @name-wanted=${() => this.#openDialog('name-dialog')}>
        <people-here .room=${room} .person=${this.person}></people-here>
        <button id="share" @click=${() => this.#share()}>
          ${icon(this.copied ? 'done' : 'share')}<span>${this.copied ? 'Copied' : 'Share'}</span>
        </button>
        ${iconButton('theme', this.theme, `Theme: ${this.theme}`, () => this.#changeTheme())}
        ${iconButton('help', 'help', 'Keyboard and help', () => this.#openDialog('help-dialog'))}
      </nav>
    </header>`
  }

  #main(): TemplateResult {
    const { room } = this.#setup
    return html`<main @title-done=${() => this.#text?.focus()}>
      <h1 class="spoken">${this.heading}</h1>
      <title-field .shared=${room.text('title')} .locked=${this.locked}></title-field>
      <coscribe-editor
        id="text"
        label="Text"
        theme=${this.theme === 'system' ? 'auto' : this.theme}
        placeholder=${this.locked ? '' : 'Start writing. Whoever has the address can write with you.'}
        .room=${room}
      ></coscribe-editor>
    </main>`
  }

  get #text(): HTMLElement | null {
    return this.querySelector('coscribe-editor')
  }

  readonly #skip = (event: Event): void => {
    event.preventDefault()
    this.#text?.focus()
  }

  #openDialog(id: string): void {
    this.querySelector<HTMLDialogElement>(`#${id}`)?.showModal()
  }

  #rename(name: string): void {
    const { memory, room } = this.#setup
    this.person = { ...this.person, name: cleanName(name) }
    rememberPerson(memory, this.person)
    room.presence.set({ name: this.person.name })
  }

  #changeTheme(): void {
    this.theme = nextTheme(this.theme)
    applyTheme(this.ownerDocument.documentElement, this.#setup.memory, this.theme)
    this.spoken = `Theme: ${this.theme}`
  }

  async #share(): Promise<void> {
    if (!(await copyText(location.href))) return this.#openDialog('address-dialog')
    this.copied = true
    this.spoken = 'The address was copied. Whoever has it can read and write.'
    this.#cancelCopied?.()
    this.#cancelCopied = this.#setup.clock.after(COPIED_MS, () => {
      this.copied = false
    })
  }
}

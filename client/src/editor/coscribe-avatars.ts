import { systemClock } from '@coscribe/shared'
import { html, LitElement, nothing, svg, type PropertyValues, type TemplateResult } from 'lit'
import type { PersonHere } from '../codemirror/index.js'
import type { Room } from '../room.js'
import { Announcer } from './announcer.js'
import { avatarStyles } from './avatar-styles.js'
import { tellNameWanted } from './events.js'
import type { EditorHandle } from './editor-handle.js'
import type { KnownUsers } from './resolved-users.js'
import { PeopleWatch, type Face, type PeopleHere } from './people-watch.js'
import { WordsAround } from './words-around.js'

/** An editor in which people can be gone to and followed: a handle, or an element that has one. */
export type PeopleEditor = PersonalEditor | { readonly handle: PersonalEditor | null }

type PersonalEditor = Pick<EditorHandle, 'follow' | 'following' | 'jumpTo'> &
  Partial<Pick<EditorHandle, 'users'>>

/** Faces that are shown; the others are a number. Narrow windows have room for fewer. */
const MAX_FACES = 5
const MAX_FACES_NARROW = 3
/** People in the list; of more, no list is of use. */
const MAX_LISTED = 200

const nobody: PeopleHere = { self: { name: '', hue: 0 }, others: [] }

/**
 * `<coscribe-avatars for>`: who is at a room's document, each person once, however many tabs they have. The others can
 * be gone to and followed in the editor that `for` names, or `editor` is; who comes and goes is read out. What that
 * editor's `resolveUsers` says of people is shown in the place of what they say themselves.
 *
 * With the attribute `names-self`, a press on oneself is told as `coscribe-name-wanted`.
 *
 * @fires coscribe-name-wanted - Somebody pressed on themselves, to be called otherwise. Bubbles and leaves shadow roots.
 * @csspart people - The faces.
 * @csspart avatar - One face.
 * @csspart everybody - What opens the list.
 * @csspart list - Everybody who is here.
 * @csspart action - "Jump to" and "Follow".
 */
export class CoscribeAvatars extends LitElement {
  static override readonly properties = {
    room: { attribute: false },
    editor: { attribute: false },
    htmlFor: { attribute: 'for' },
    namesSelf: { type: Boolean, attribute: 'names-self' },
    people: { state: true },
    spoken: { state: true },
  }

  static override readonly styles = avatarStyles

  /** The room whose people are shown. */
  declare room: Room | undefined
  /** Where people can be gone to; without one they are only shown. */
  declare editor: PeopleEditor | null
  /** The id of the element with the editor, in the same document or shadow root. */
  declare htmlFor: string
  /** Whether a press on oneself asks to be called otherwise. */
  declare namesSelf: boolean
  declare protected people: PeopleHere
  /** What the live region says. */
  declare protected spoken: string
  readonly #words = new WordsAround(this)
  #stops: (() => void)[] = []

  constructor() {
    super()
    this.editor = null
    this.htmlFor = ''
    this.namesSelf = false
    this.people = nobody
    this.spoken = ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.hasUpdated) this.#watch()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unwatch()
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('room')) this.#watch()
  }

  #watch(): void {
    this.#unwatch()
    const { room, ownerDocument } = this
    this.people = nobody
    if (room === undefined || !this.isConnected) return
    const phrases = () => this.#words.phrases.people
    const announcer = new Announcer(systemClock, phrases, (text) => {
      this.spoken = text
    })
    const users = (): KnownUsers | undefined => this.#place()?.users
    const announce = (): void => {
      // Nobody is spoken of by the name they claim while it may turn out in a moment who they are.
      const known = this.people.others.filter(({ person }) => users()?.isAwaited(person) !== true)
      announcer.update(known, room.status.connection === 'connected')
    }
    const watch = new PeopleWatch(room, systemClock, users, (people) => {
      this.people = people
      announce()
    })
    const follows = (): void => this.requestUpdate()
    const learned = (): void => {
      watch.look()
      announce()
    }
    ownerDocument.addEventListener('coscribe-follow', follows)
    ownerDocument.addEventListener('coscribe-users', learned)
    this.#stops = [
      room.on('status', announce),
      () => announcer.stop(),
      () => watch.stop(),
      () => ownerDocument.removeEventListener('coscribe-follow', follows),
      () => ownerDocument.removeEventListener('coscribe-users', learned),
    ]
  }

  #unwatch(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }

  protected override render(): TemplateResult {
    const { others } = this.people
    return html`<ul class="people" part="people" aria-label=${this.#words.phrases.people.here}>
        <li>${this.#self()}</li>
        ${others
          .slice(0, MAX_FACES)
          .map(
            (person, index) =>
              html`<li class=${index < MAX_FACES_NARROW ? '' : 'if-wide'}>
                ${this.#face(person)}
              </li>`,
          )}
        ${others.length === 0 ? nothing : html`<li>${this.#more(others.length)}</li>`}
      </ul>
      ${others.length === 0 ? nothing : this.#list()}
      <span class="spoken" role="status">${this.spoken}</span>`
  }

  #self(): TemplateResult {
    const face = this.people.self
    const { name, hue } = face
    const { self, somebody, you } = this.#words.phrases.people
    const own = name || somebody
    if (!this.namesSelf) {
      return html`<span
        class="face own"
        part="avatar"
        role="img"
        data-hue=${hue}
        title=${self(own)}
        aria-label=${self(own)}
        >${insideOf(face, own)}</span
      >`
    }
    return html`<button
      id="own-name"
      class="face own"
      part="avatar"
      data-hue=${hue}
      title=${you(own)}
      aria-label=${you(own)}
      @click=${() => tellNameWanted(this)}
    >
      ${insideOf(face, own)}
    </button>`
  }

  #face(person: PersonHere): TemplateResult {
    const { hue, activity } = person
    const name = this.#nameOf(person)
    const title = this.#titleOf(person)
    if (this.#place() === null || !person.isInText) {
      return html`<span
        class="face"
        part="avatar"
        role="img"
        data-hue=${hue}
        data-activity=${activity}
        title=${title}
        aria-label=${title}
        >${insideOf(person, name)}</span
      >`
    }
    // The list is the way for the keyboard: one stop, however many are here.
    return html`<button
      class="face"
      part="avatar"
      tabindex="-1"
      data-hue=${hue}
      data-activity=${activity}
      title=${title}
      aria-label=${this.#words.phrases.people.jumpTo(name)}
      @mousedown=${keepFocus}
      @click=${() => this.#jump(person)}
    >
      ${insideOf(person, name)}
    </button>`
  }

  #more(count: number): TemplateResult {
    const label = this.#words.phrases.people.everybody(count + 1)
    // What is seen is the beginning of its name, for who says names aloud.
    const beyond = (shown: number, when: string): TemplateResult =>
      html`<span class=${when}>${count > shown ? `+${count - shown} ` : chevron}</span>`
    return html`<button
      id="everybody"
      class="more"
      part="everybody"
      popovertarget="list"
      title=${label}
      @mousedown=${keepFocus}
    >
      ${beyond(MAX_FACES, 'if-wide')}${beyond(MAX_FACES_NARROW, 'if-narrow')}<span class="spoken"
        >${label}</span
      >
    </button>`
  }

  #list(): TemplateResult {
    const { self, others } = this.people
    const phrases = this.#words.phrases.people
    const own = self.name || phrases.somebody
    return html`<div
      id="list"
      popover
      part="list"
      role="group"
      aria-label=${phrases.here}
      @mousedown=${keepFocus}
    >
      <ul>
        <li class="person">
          <span class="face own" aria-hidden="true" data-hue=${self.hue}
            >${insideOf(self, own)}</span
          >
          <span class="name">${phrases.self(own)}</span>
          ${this.namesSelf ? this.#change() : nothing}
        </li>
        ${others.slice(0, MAX_LISTED).map((person) => this.#row(person))}
      </ul>
    </div>`
  }

  #change(): TemplateResult {
    const { changeName, changeNameOf } = this.#words.phrases.people
    const change = (): void => {
      this.#close()
      tellNameWanted(this)
    }
    return html`<button class="action" aria-label=${changeNameOf} @click=${change}>
      ${changeName}
    </button>`
  }

  #row(person: PersonHere): TemplateResult {
    const { hue, activity } = person
    const name = this.#nameOf(person)
    const doing = this.#doing(person)
    return html`<li class="person">
      <span class="face" aria-hidden="true" data-hue=${hue} data-activity=${activity}
        >${insideOf(person, name)}</span
      >
      <span class="name"
        >${name}${doing === '' ? nothing : html` <span class="doing">${doing}</span>`}</span
      >
      ${this.#actions(person, name)}
    </li>`
  }

  #actions(person: PersonHere, name: string): TemplateResult | typeof nothing {
    const editor = this.#place()
    if (editor === null) return nothing
    const phrases = this.#words.phrases.people
    const isFollowed = editor.following === person.person
    return html`<button
        class="action"
        part="action"
        aria-label=${phrases.jumpTo(name)}
        title=${person.isInText ? '' : phrases.notInText}
        ?disabled=${!person.isInText}
        @click=${() => this.#jump(person)}
      >
        ${phrases.jump}</button
      ><button
        class="action"
        part="action"
        aria-label=${phrases.followPerson(name)}
        aria-pressed=${isFollowed}
        @click=${() => this.#follow(isFollowed ? null : person.person)}
      >
        ${phrases.follow}
      </button>`
  }

  #jump({ person }: PersonHere): void {
    this.#close()
    this.#place()?.jumpTo(person)
  }

  #follow(person: string | null): void {
    this.#close()
    this.#place()?.follow(person)
  }

  #close(): void {
    const list = this.renderRoot.querySelector<HTMLElement>('#list')
    const hadFocus = list?.contains(this.shadowRoot?.activeElement ?? null) ?? false
    list?.hidePopover()
    if (hadFocus) this.renderRoot.querySelector<HTMLElement>('#everybody')?.focus()
  }

  #place(): PersonalEditor | null {
    const editor = this.editor ?? this.#named()
    if (editor === null) return null
    return 'handle' in editor ? editor.handle : editor
  }

  #named(): PeopleEditor | null {
    const root = this.getRootNode()
    const isPlace = root instanceof Document || root instanceof ShadowRoot
    const element = isPlace && this.htmlFor !== '' ? root.getElementById(this.htmlFor) : null
    return element !== null && 'handle' in element ? (element as unknown as PeopleEditor) : null
  }

  #nameOf({ name }: PersonHere): string {
    return name || this.#words.phrases.people.somebody
  }

  #titleOf(person: PersonHere): string {
    const doing = this.#doing(person)
    const name = this.#nameOf(person)
    return doing === '' ? name : this.#words.phrases.people.who(name, doing)
  }

  /** Empty while they are active. */
  #doing({ activity }: PersonHere): string {
    const { idle, away } = this.#words.phrases.people
    return { active: '', idle, away }[activity]
  }
}

const chevron = html`<svg viewBox="0 0 12 12" aria-hidden="true">
  ${svg`<path d="m2 4.5 4 4 4-4" />`}
</svg>`

/** Of who uses a pointer the focus stays where they write. */
function keepFocus(event: Event): void {
  event.preventDefault()
}

/** A picture is laid over the letter, which is there when it cannot be had. */
function insideOf({ avatar }: Face, name: string): TemplateResult {
  return html`${initialOf(name)}${
    avatar === undefined
      ? nothing
      : html`<img
          alt=""
          src=${avatar}
          draggable="false"
          referrerpolicy="no-referrer"
          @load=${showPicture}
          @error=${showPicture}
        />`
  }`
}

function showPicture({ type, target }: Event): void {
  if (target instanceof HTMLElement) target.hidden = type !== 'load'
}

function initialOf(name: string): string {
  const [first] = new Intl.Segmenter().segment(name)
  return first?.segment.toLocaleUpperCase() ?? ''
}

declare global {
  interface HTMLElementTagNameMap {
    'coscribe-avatars': CoscribeAvatars
  }
}

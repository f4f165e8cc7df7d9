import { systemClock, type Cancel } from '@coscribe/shared'
import { css, html, LitElement, type PropertyValues, type TemplateResult } from 'lit'
import type * as Y from 'yjs'
import { IndexedDbStore } from '../offline/indexed-db-store.js'
import type { TokenReason, TokenSource } from '../credential.js'
import type { Room } from '../room.js'
import { tell } from './events.js'
import { mountEditor, type EditorHandle, type EditorSettings, type EditorSource } from './mount.js'
import type { EditorTheme } from './theme.js'
import { WordsAround } from './words-around.js'

/**
 * `<coscribe-editor url doc>`: one shared text in a page. Or set `room` to one that was connected before.
 *
 * It may be moved in the page without reconnecting. Taken out, it leaves the document.
 */
export class CoscribeEditor extends LitElement {
  static override readonly properties = {
    url: {},
    doc: {},
    field: {},
    theme: {},
    label: {},
    placeholder: {},
    readOnly: { type: Boolean, attribute: 'readonly' },
    userName: { attribute: 'user-name' },
    userId: { attribute: 'user-id' },
    token: {},
    offlineCopy: { attribute: 'offline-copy' },
    room: { attribute: false, noAccessor: true },
  }

  static override readonly styles = css`
    :host {
      display: block;
      height: var(--coscribe-height, 24rem);
    }
    :host([hidden]) {
      display: none;
    }
    [part='editor'] {
      height: 100%;
    }
  `

  /** The server's address. */
  declare url: string | undefined
  /** The document's id. */
  declare doc: string | undefined
  /** The name of the shared text. */
  declare field: string | undefined
  declare theme: EditorTheme | undefined
  /** What assistive technology calls it. */
  declare label: string | undefined
  declare placeholder: string | undefined
  declare readOnly: boolean
  /** The name that others see. */
  declare userName: string | undefined
  /** Whose copy on this device it is; where several people use one browser, one does not send another's edits. */
  declare userId: string | undefined
  /**
   * A token for servers that ask for one, or, as a property only, what brings one. Another one is used from the next
   * time on that one is needed, and at once where the last was refused. It is never written into an attribute.
   */
  declare token: TokenSource | undefined
  /** `off` keeps no copy on this device. */
  declare offlineCopy: string | undefined

  readonly #words = new WordsAround(this)
  #given: Room | undefined
  #handle: EditorHandle | null = null
  #stops: (() => void)[] = []
  #leaving: Cancel | null = null
  /** Whether the room was made with a token. */
  #hasToken = false
  /** The editor is not that of the room that was set, or there is none. */
  #stale = true

  /** The document's room: the one that was set, or the one made for `url` and `doc`. */
  get room(): Room | undefined {
    return this.#given ?? this.#handle?.room
  }

  set room(room: Room | undefined) {
    // Templates set objects again at every rendering.
    if (room === this.#given) return
    this.#given = room
    this.#reopen()
  }

  /** The open editor, or `null` before it is in a page and knows its document. */
  get handle(): EditorHandle | null {
    return this.#handle
  }

  /**
   * After a refusal that cannot pass: goes on with a fresh document from the server, without what was refused, here and
   * in the copy on this device. Resolves to the text as it was, for its author.
   *
   * @throws TypeError without an open document of its own; one that was set is its owner's
   */
  async setAside(): Promise<string> {
    const handle = this.#handle
    if (handle === null || this.#given !== undefined)
      throw new TypeError(
        'only a document that the element opened by its url and doc can be set aside',
      )
    const text = handle.text.toString()
    await handle.room.forget()
    this.#reopen()
    return text
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#leaving?.()
    this.#leaving = null
    if (this.#handle === null) this.#reopen()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    // Being moved is leaving and coming back at once: whoever is back by then has not left.
    this.#leaving = systemClock.soon(() => this.#close())
  }

  override focus(): void {
    this.#handle?.focus()
  }

  protected override render(): TemplateResult {
    return html`<div part="editor"></div>`
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (this.#stale || this.#isElsewhere(changed)) this.#open()
    else this.#handle?.set(this.#settings())
    if (changed.has('token')) this.#tryToken()
    if (changed.has('userName')) this.#introduce()
  }

  #isElsewhere(changed: PropertyValues<this>): boolean {
    const moved = (['url', 'doc', 'field', 'offlineCopy', 'userId'] as const).some((name) =>
      changed.has(name),
    )
    return moved || (changed.has('token') && this.#hasToken !== isToken(this.token))
  }

  /** What was refused may come in with another token. */
  #tryToken(): void {
    const room = this.#given === undefined ? this.#handle?.room : undefined
    const refused = room?.status.error?.code ?? ''
    if (room?.status.connection === 'closed' && doors.has(refused)) room.connect()
  }

  #reopen(): void {
    this.#stale = true
    this.requestUpdate()
  }

  #open(): void {
    this.#stale = false
    this.#close()
    const source = this.#source()
    const parent = this.renderRoot.querySelector<HTMLElement>('[part=editor]')
    if (!this.isConnected || source === null || parent === null) return
    const field = this.field ?? 'content'
    this.#handle = mountEditor(parent, { ...source, ...this.#settings(), field })
    this.#listen(this.#handle)
    this.#introduce()
  }

  #source(): EditorSource | null {
    if (this.#given !== undefined) return { room: this.#given }
    const { url, doc, userId } = this
    if (url === undefined || url === '' || doc === undefined || doc === '') return null
    this.#hasToken = isToken(this.token)
    const user = userId === undefined || userId === '' ? {} : { user: userId }
    return {
      url,
      doc,
      ...(this.#hasToken ? { token: this.#bringToken } : {}),
      ...(this.offlineCopy === 'off' ? {} : { offline: new IndexedDbStore({ url, doc, ...user }) }),
    }
  }

  readonly #bringToken = (reason: TokenReason): string | Promise<string> => {
    const { token = '' } = this
    return typeof token === 'function' ? token(reason) : token
  }

  #settings(): EditorSettings {
    return {
      readOnly: this.readOnly,
      phrases: this.#words.phrases,
      ...(this.theme === undefined ? {} : { theme: this.theme }),
      ...(this.placeholder === undefined ? {} : { placeholder: this.placeholder }),
      ...(this.label === undefined ? {} : { label: this.label }),
    }
  }

  #introduce(): void {
    if (this.userName === undefined || this.#handle === null) return
    this.#handle.room.presence.set({ name: this.userName })
  }

  #listen({ room, text }: EditorHandle): void {
    const changed = this.#changeTeller()
    const observer = (_event: Y.YTextEvent, { local }: Y.Transaction): void => changed(local)
    text.observe(observer)
    this.#stops = [
      room.on('status', (status) => tell(this, 'coscribe-status', status)),
      room.on('error', (error) => {
        if (error !== null) tell(this, 'coscribe-error', error)
      }),
      () => text.unobserve(observer),
    ]
    room.whenReady().then(
      () => {
        if (this.#handle?.room === room) tell(this, 'coscribe-ready', { room })
      },
      // Told as `coscribe-error`, or left before it was ready.
      () => undefined,
    )
  }

  /** Many transactions of one turn are one change. */
  #changeTeller(): (local: boolean) => void {
    const origins = new Set<'local' | 'remote'>()
    return (local) => {
      if (origins.size === 0) {
        queueMicrotask(() => {
          const told = [...origins]
          origins.clear()
          for (const origin of told) tell(this, 'coscribe-change', { origin })
        })
      }
      origins.add(local ? 'local' : 'remote')
    }
  }

  #close(): void {
    for (const stop of this.#stops) stop()
    this.#stops = []
    this.#handle?.destroy()
    this.#handle = null
  }
}

/** Refusals that another token may lift. */
const doors: ReadonlySet<string> = new Set(['not-authenticated', 'forbidden'])

function isToken(token: TokenSource | null | undefined): boolean {
  return token !== undefined && token !== null && token !== ''
}

declare global {
  interface HTMLElementTagNameMap {
    'coscribe-editor': CoscribeEditor
  }
}

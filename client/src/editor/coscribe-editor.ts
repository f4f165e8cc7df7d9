import { systemClock, type Cancel } from '@coscribe/shared'
import {
  LitElement,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from 'lit'
import type { TokenReason, TokenRequest, TokenSource } from '../credential.js'
import { copyOf, copyOwner, isOtherOwner } from '../offline/copy-owner.js'
import type { RoomFault } from '../room-error.js'
import type { PresenceState } from '../presence.js'
import type { Room } from '../room.js'
import { EditorField } from './editor-field.js'
import { frame } from './editor-frame.js'
import type { EditorEvents } from './editor-events.js'
import type { EditorHandle } from './editor-handle.js'
import type { EditorSettings, EditorSource } from './editor-options.js'
import { showStates, statesOf } from './editor-states.js'
import { editorStyles } from './editor-styles.js'
import { faultOf, isFilled, mistakeFrom, wordsOf } from './element-parts.js'
import { settingsOf } from './element-settings.js'
import { eventNames, tell } from './events.js'
import { Fallback } from './fallback.js'
import { mountEditor } from './mount.js'
import { WordsAround } from './words-around.js'

/**
 * `<coscribe-editor url doc>`: one shared text in a page. Or set `room` to one that was connected before.
 *
 * It may be moved in the page without reconnecting. Taken out, it leaves the document. In a form it is a field with the
 * text as its value, which the form asks for when it is sent; resetting a form does nothing to it, since the text is
 * everybody's. It speaks the language of the nearest `lang`, and writes in the direction of the nearest `dir`.
 *
 * @slot - What is there until the text is: a `<textarea>` or `<pre>`. A field in it is not sent any more then.
 * @slot loading - Instead of that, while the document is on its way.
 * @slot empty - Over the text while it is empty; a richer `placeholder`.
 * @slot error - Instead of the sentence that says why the document cannot be opened.
 * @slot toolbar-start - Before undo and redo. Brings the toolbar.
 * @slot toolbar-end - At the other end of the toolbar. Brings the toolbar.
 * @slot status - Instead of the line that says where the work is. Brings the line's place.
 * @csspart editor - What holds the text.
 * @csspart toolbar - The bar above the text.
 * @csspart button - Undo and redo.
 * @csspart statusbar - The bar below the text.
 * @csspart error - The sentence that says why the document cannot be opened.
 * @csspart caret - Somebody else's caret.
 * @csspart caret-label - The name at it.
 * @csspart selection - What somebody else has selected.
 * @cssprop --coscribe-bg - Background; that of the page by default.
 * @cssprop --coscribe-fg - Text; what stands back and what separates is mixed from it.
 * @cssprop --coscribe-accent - One's own caret, selections and what has the focus.
 * @cssprop --coscribe-accent-fg - Text on the accent.
 * @cssprop --coscribe-danger - What was not saved, and errors.
 * @cssprop --coscribe-border - Lines between bars and text.
 * @cssprop --coscribe-radius - Corners; 6px by default.
 * @cssprop --coscribe-space - Distances; 8px by default.
 * @cssprop --coscribe-font - The text; monospaced by default.
 * @cssprop --coscribe-ui-font - Bars and labels; the system's by default.
 * @cssprop --coscribe-font-size - The text; 1rem by default.
 * @cssprop --coscribe-height - Height of the whole; 24rem by default. With `auto` it grows with the text.
 * @cssstate connected - There is a connection.
 * @cssstate saving - Edits are on their way to the server's disk.
 * @cssstate offline - There was a connection, or there cannot be one.
 * @cssstate unsaved - There are edits that are only in this tab's memory, or refused.
 * @cssstate readonly - Nothing can be written.
 * @cssstate loading - The document is not here yet.
 */
export class CoscribeEditor extends EditorField {
  static override readonly shadowRootOptions: ShadowRootInit = {
    ...LitElement.shadowRootOptions,
    delegatesFocus: true,
  }
  static override readonly properties: PropertyDeclarations = {
    room: { attribute: false, noAccessor: true },
  }
  static override readonly styles = editorStyles

  readonly #fallback = new Fallback(this)
  readonly #words = new WordsAround(this)
  /** The slots in which there is something. */
  readonly #filled = new Set<string>()
  #given: Room | undefined
  #handle: EditorHandle | null = null
  #leaving: Cancel | null = null
  /** What of this person's presence was set from here. */
  #introduced: PresenceState = {}
  /** Whose copy on this device it is, as {@link copyOwner} has it. */
  #owner: string | null | undefined
  /** What was brought last; before that, what the room was made with. */
  #brought: TokenSource | null | undefined
  /** Whether the room was made with a token. */
  #hasToken = false
  /** The editor is not that of the room that was set, or there is none. */
  #stale = true
  #mistake: RoomFault | null = null
  /** Somebody shows an error in their own way. */
  #isHushed = false

  /** The document's room: the one that was set, or the one made for `url` and `doc`. */
  get room(): Room | undefined {
    return this.#given ?? this.#handle?.room
  }

  set room(room: Room | null | undefined) {
    const given = room ?? undefined
    // Templates set objects again at every rendering.
    if (given === this.#given) return
    this.#given = given
    this.#reopen()
  }

  /** The open editor, or `null` before it is in a page and knows its document. */
  get handle(): EditorHandle | null {
    return this.#handle
  }

  /** The text; empty before it is here. To be read: what is written goes through `handle`. */
  override get value(): string {
    return this.#handle?.getText() ?? ''
  }

  /**
   * After a refusal that cannot pass: goes on with a fresh document from the server, without what was refused, here and
   * in the copy on this device. Resolves to the text as it was, for its author.
   *
   * @throws TypeError without an open document of its own; one that was set is its owner's. What the browser says when it
   *   keeps the copy: the document is opened again, and refused again
   */
  async setAside(): Promise<string> {
    const handle = this.#handle
    if (handle === null || this.#given !== undefined)
      throw new TypeError('only what url and doc opened can be set aside')
    // It may have been asked for twice, and another document opened since.
    await handle.room.forget().finally(() => this.#handle === handle && this.#reopen())
    // With what was written until then.
    return handle.text.toString()
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
    const status = this.room?.status ?? null
    const { phrases } = this.#words
    const features = wordsOf(this.features)
    const hasTools = features.has('toolbar')
    const hasPeople = features.has('people')
    const fault = this.#isHushed ? null : faultOf(status, this.#mistake, phrases)
    return frame({
      isLoading: this.#isLoading,
      isCovered: this.#filled.has('loading') || this.#filled.has(''),
      isEmpty: !this.#isLoading && this.#length === 0,
      fault,
      hasTools,
      hasPeople,
      hasToolbar:
        hasTools ||
        hasPeople ||
        this.#filled.has('toolbar-start') ||
        this.#filled.has('toolbar-end'),
      hasStatus: features.has('status') || this.#filled.has('status'),
      canUndo: this.#handle?.canUndo ?? false,
      canRedo: this.#handle?.canRedo ?? false,
      room: this.room,
      handle: this.#handle,
      field: this.field,
      phrases: phrases.embed,
      undo: this.#undo,
      redo: this.#redo,
      slotted: this.#slotted,
    })
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (this.#stale || this.#isElsewhere(changed)) this.#open()
    else this.#handle?.setOptions(this.#settings())
    // What was refused just now may have been the one before.
    if (changed.has('token') || this.token !== this.#brought) this.#comeIn()
    if ((['user', 'userName', 'userId'] as const).some((name) => changed.has(name)))
      this.#introduce()
    this.#show()
  }

  get #isLoading(): boolean {
    return this.#handle === null || this.#handle.room.status.save === 'loading'
  }

  get #length(): number {
    return this.#handle?.text.length ?? 0
  }

  /** Says to style sheets and to the form how things stand. */
  #show(): void {
    const isReadOnly = this.#handle?.view.state.readOnly ?? true
    const isHere = !this.#isLoading
    showStates(this, this.internals, statesOf(this.#handle?.room.status ?? null, isReadOnly))
    this.#fallback.replaced(isHere)
    const state = { isHere, length: this.#length, mayWrite: !isReadOnly }
    this.validate(state, this.#words.phrases.embed, this.#handle?.view.contentDOM)
  }

  readonly #slotted = ({ target }: Event): void => {
    const slot = target as HTMLSlotElement
    const before = this.#filled.has(slot.name)
    if (isFilled(slot)) this.#filled.add(slot.name)
    else this.#filled.delete(slot.name)
    if (this.#filled.has(slot.name) !== before) this.requestUpdate()
  }

  readonly #undo = (): void => {
    this.#handle?.undo()
  }

  readonly #redo = (): void => {
    this.#handle?.redo()
  }

  #isElsewhere(changed: PropertyValues<this>): boolean {
    const moved = (['url', 'doc', 'field', 'offlineCopy', 'userId'] as const).some((name) =>
      changed.has(name),
    )
    if (moved || !changed.has('token')) return moved
    // Who goes on with the token of somebody else does not go on with their copy, nor who may be somebody else.
    const owner = copyOwner(this.userId, this.token)
    // Without a copy there is nothing to be found, and what is in memory would be lost.
    const isRead = owner !== null || this.offlineCopy !== 'off'
    return (isRead && isOtherOwner(this.#owner, owner)) || this.#hasToken !== isToken(this.token)
  }

  /** What was refused may come in with another token. */
  #comeIn(): void {
    const room = this.#given === undefined ? this.#handle?.room : undefined
    const refused = room?.status.error?.code ?? ''
    if (room?.status.connection === 'closed' && doors.includes(refused)) room.connect()
  }

  #reopen(): void {
    this.#stale = true
    this.requestUpdate()
  }

  #open(): void {
    this.#stale = false
    this.#close()
    this.#mistake = null
    this.#isHushed = false
    const source = this.#source()
    const parent = this.renderRoot.querySelector<HTMLElement>('[part=editor]')
    if (!this.isConnected || source === null || parent === null) return
    const field = this.field ?? 'content'
    try {
      this.#handle = mountEditor(parent, { ...source, ...this.#settings(), field })
      this.#listen(this.#handle)
      this.#introduce()
    } catch (error) {
      this.#mistake = mistakeFrom(error)
      this.#isHushed = !tell(this, 'error', this.#mistake)
    }
    // What is shown depends on the document; this comes from `updated`, so it is another round.
    this.requestUpdate()
  }

  #source(): EditorSource | null {
    if (this.#given !== undefined) return { room: this.#given }
    const { url, doc } = this
    if (!url || !doc) return null
    this.#hasToken = isToken(this.token)
    // Nobody asks for what is no token.
    this.#brought = this.token
    this.#owner = copyOwner(this.userId, this.token)
    return {
      url,
      doc,
      ...(this.#hasToken ? { token: this.#bringToken } : {}),
      ...(this.offlineCopy === 'off' ? {} : { offline: copyOf(url, doc, this.#owner) }),
    }
  }

  readonly #bringToken = (reason: TokenReason, request: TokenRequest): string | Promise<string> => {
    const { token = '' } = this
    this.#brought = token
    return typeof token === 'function' ? token(reason, request) : token
  }

  #settings(): EditorSettings {
    return settingsOf(this, {
      phrases: this.#words.phrases,
      labels: this.labelText,
      isDisabled: this.isDisabled,
    })
  }

  #introduce(): void {
    if (this.#handle === null) return
    const { user, userName, userId } = this
    const name = userName === undefined || userName === null ? {} : { name: userName }
    const id = userId ? { id: userId } : {}
    const state = { ...user, ...name, ...id }
    // What is not said any more is taken back.
    const gone = Object.keys(this.#introduced).map((field) => [field, undefined] as const)
    const patch = { ...Object.fromEntries(gone), ...state }
    this.#introduced = state
    if (Object.keys(patch).length > 0) this.#handle.room.presence.set(patch)
  }

  #listen(handle: EditorHandle): void {
    for (const name of eventNames) {
      // These come from the editor itself, and pass through here.
      if (name !== 'follow' && name !== 'users') handle.on(name, (value) => this.#told(name, value))
    }
  }

  #told<Name extends keyof EditorEvents>(name: Name, value: EditorEvents[Name]): void {
    const goesOn = tell(this, name, value)
    if (name === 'error') this.#isHushed = !goesOn
    if (looks.has(name)) this.requestUpdate()
  }

  #close(): void {
    this.#handle?.destroy()
    this.#handle = null
    this.#introduced = {}
  }
}

/** Refusals that another token may lift. */
const doors: readonly string[] = ['not-authenticated', 'forbidden']
/** After these, what is shown around the text may be another. */
const looks: ReadonlySet<keyof EditorEvents> = new Set(['status', 'change', 'undo', 'error'])

function isToken(token: TokenSource | null | undefined): boolean {
  return token !== undefined && token !== null && token !== ''
}

declare global {
  interface HTMLElementTagNameMap {
    'coscribe-editor': CoscribeEditor
  }
}

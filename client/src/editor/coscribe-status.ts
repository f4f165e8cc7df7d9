import { systemClock } from '@coscribe/shared'
import {
  css,
  html,
  LitElement,
  nothing,
  unsafeCSS,
  type PropertyValues,
  type TemplateResult,
} from 'lit'
import type { Room } from '../room.js'
import { hostNetwork } from '../websocket.js'
import { downloadText } from './download.js'
import { look } from './look.js'
import type { StatusLine } from './status-line.js'
import { StatusWatch } from './status-watch.js'
import { WordsAround } from './words-around.js'

const quiet: StatusLine = { tone: 'busy', text: '', detail: '' }

/**
 * `<coscribe-status>`: where a room's connection and edits stand, in one calm line. Only "Not saved" is loud, and then
 * it offers the way out. The attributes `data-save`, `data-connection` and `data-tone` follow the room at once. Its
 * colours and font are those of `<coscribe-editor>`, by the same custom properties.
 *
 * @csspart line - The mark and the sentence.
 * @csspart action - A way out: copy, download, retry.
 */
export class CoscribeStatus extends LitElement {
  static override readonly properties = {
    room: { attribute: false },
    field: {},
    line: { state: true },
    copied: { state: true },
  }

  static override readonly styles = css`
    :host {
      display: inline-flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 4px 12px;
      min-height: 24px;
      color: ${unsafeCSS(look.dim)};
      font-variant-numeric: tabular-nums;
    }
    :host([hidden]) {
      display: none;
    }
    :host([data-tone='bad']) {
      color: ${unsafeCSS(look.danger)};
    }
    .line {
      display: inline-flex;
      align-items: flex-start;
      gap: 8px;
    }
    .mark {
      flex: none;
      margin-top: calc((1lh - 8px) / 2);
      width: 8px;
      height: 8px;
      border-radius: 50%;
      box-sizing: border-box;
      border: 2px solid currentColor;
      opacity: 0.7;
      transition: background-color 120ms;
    }
    :host([data-tone='calm'][data-save='saved']) .mark {
      border-color: transparent;
      background: currentColor;
    }
    :host([data-tone='bad']) .mark {
      border-radius: 2px;
      background: currentColor;
      opacity: 1;
    }
    .mark[hidden] {
      display: none;
    }
    button {
      all: unset;
      padding: 6px 0;
      color: inherit;
      font-weight: 600;
      text-decoration: underline;
      text-underline-offset: 3px;
      cursor: pointer;
    }
    button:focus-visible {
      outline: 2px solid currentColor;
      outline-offset: 2px;
      border-radius: 2px;
    }
    .spoken {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
      white-space: nowrap;
    }
    @media (prefers-reduced-motion: reduce) {
      .mark {
        transition: none;
      }
    }
  `

  /** The room that it is about. */
  declare room: Room | undefined
  /** The name of the shared text that "Copy" and "Download" are about; `content` by default. */
  declare field: string | undefined
  declare protected line: StatusLine
  declare protected copied: boolean
  readonly #words = new WordsAround(this)
  #watch: StatusWatch | null = null
  #stopRaw: (() => void) | null = null
  #spoken = ''

  constructor() {
    super()
    this.line = quiet
    this.copied = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.hasUpdated) this.#follow()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unfollow()
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('room')) this.#follow()
    this.#watch?.speak(this.#words.phrases.status)
  }

  protected override render(): TemplateResult {
    const { tone, text, detail } = this.line
    return html`<span class="line" part="line" title=${detail}>
        <span class="mark" aria-hidden="true" ?hidden=${text === ''}></span><span>${text}</span>
      </span>
      ${tone === 'bad' ? this.#actions() : nothing}
      <span class="spoken" role="status">${this.#spoken}</span>`
  }

  #actions(): TemplateResult {
    const phrases = this.#words.phrases.status
    return html`<button part="action" @click=${() => this.#copy()}>
        ${this.copied ? phrases.copied : phrases.copyText}
      </button>
      <button part="action" @click=${() => this.#download()}>${phrases.download}</button>
      ${
        this.#isOver
          ? nothing
          : html`<button part="action" @click=${() => this.room?.retry()}>${phrases.retry}</button>`
      }`
  }

  /** Whether the room was destroyed: that is the one end without an error. */
  get #isOver(): boolean {
    const status = this.room?.status
    return status?.connection === 'closed' && status.error === null
  }

  #text(): string {
    return this.room?.text(this.field ?? 'content').toString() ?? ''
  }

  #copy(): void {
    // Refused, or not there on an insecure page: the other two ways remain, and the button does not claim success.
    navigator.clipboard?.writeText(this.#text()).then(
      () => {
        this.copied = true
      },
      () => undefined,
    )
  }

  #download(): void {
    downloadText(this.ownerDocument, `${this.room?.documentId ?? 'document'}.txt`, this.#text())
  }

  #follow(): void {
    this.#unfollow()
    const { room } = this
    if (room === undefined) this.#forget()
    if (room === undefined || !this.isConnected) return
    const raw = (): void => {
      this.dataset['save'] = room.status.save
      this.dataset['connection'] = room.status.connection
    }
    raw()
    this.#stopRaw = room.on('status', raw)
    this.#watch = new StatusWatch(room, systemClock, hostNetwork, (line) => this.#show(line))
  }

  #unfollow(): void {
    this.#watch?.stop()
    this.#watch = null
    this.#stopRaw?.()
    this.#stopRaw = null
  }

  /** What was said of a room is not true of none. */
  #forget(): void {
    this.#spoken = ''
    this.line = quiet
    for (const name of ['save', 'connection', 'tone']) delete this.dataset[name]
  }

  #show(line: StatusLine): void {
    const { tone, text } = line
    if (tone !== 'bad') this.copied = false
    // Saving and saved, over and over, is nothing to be read out; losing the connection and having it back is.
    const loud = tone === 'away' || tone === 'bad'
    if (loud || (this.#spoken !== '' && tone === 'calm')) this.#spoken = text
    this.dataset['tone'] = tone
    this.line = line
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'coscribe-status': CoscribeStatus
  }
}

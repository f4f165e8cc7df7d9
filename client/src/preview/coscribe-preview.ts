import type { EditorView } from '@codemirror/view'
import { systemClock, type Cancel } from '@coscribe/shared'
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type * as Y from 'yjs'
import { editorText } from '../codemirror/shared-text.js'
import { isDark, onSystemTheme } from '../editor/theme.js'
import { languageOf } from '../editor/language-of.js'
import { WordsAround } from '../editor/words-around.js'
import type { Room } from '../room.js'
import { blocksOf } from './blocks.js'
import { frameStyle } from './frame-style.js'
import { PreviewFrame } from './preview-frame.js'
import { ScrollPair } from './scroll-pair.js'

/** Changes of this long are shown together. */
const PAUSE_MS = 150
/** Rendering takes at most a fifth of the time, however long it takes. */
const PAUSE_PER_RENDERING = 4

/**
 * `<coscribe-preview>`: what the Markdown of a room's text looks like, kept up while people write. Set `room`, and
 * `view` to scroll in step with an editor of the same text.
 *
 * Nothing in the text runs, and nothing is asked of any server: pictures are shown only when they are in the text
 * themselves, as `data:`. Pages that require trusted types have to allow `coscribe-preview` and `lit-html`.
 *
 * @csspart scroller - What scrolls, with the frame in it.
 */
export class CoscribePreview extends LitElement {
  static override readonly properties = {
    room: { attribute: false },
    view: { attribute: false },
    field: {},
    lines: { state: true },
    cut: { state: true },
    forbidden: { state: true },
  }

  static override readonly styles = css`
    :host {
      display: block;
      height: var(--coscribe-height, 24rem);
      color: var(--coscribe-fg, light-dark(#1c1d1f, #e4e3df));
      font-family: var(--coscribe-font, system-ui, sans-serif);
      font-size: var(--coscribe-font-size, 1rem);
    }
    :host([hidden]) {
      display: none;
    }
    [part='scroller'] {
      box-sizing: border-box;
      height: 100%;
      overflow: hidden auto;
    }
    [part='scroller']:focus-visible {
      outline: 2px solid var(--coscribe-accent, light-dark(#0b6e5f, #5ec8b3));
      outline-offset: -2px;
    }
    iframe {
      display: block;
      width: 100%;
      height: 0;
      border: 0;
    }
    p {
      margin: 0;
      padding: 8px 24px 24px;
      color: var(--coscribe-dim, light-dark(#64666b, #a09e98));
      font-size: 0.875rem;
    }
    #accent {
      color: var(--coscribe-accent, light-dark(#0b6e5f, #5ec8b3));
    }
  `

  /** The document. */
  declare room: Room | undefined
  /** An editor of the same text, to scroll in step with. */
  declare view: EditorView | null | undefined
  /** The name of the shared text; `content` by default. */
  declare field: string | undefined
  /** Lines of the source that are shown. */
  declare protected lines: number
  /** There are more. */
  declare protected cut: boolean
  /** The page around it allows no preview. */
  declare protected forbidden: boolean

  readonly #words = new WordsAround(this)
  #frame: PreviewFrame | null = null
  #pair: ScrollPair | null = null
  #observed: Y.Text | null = null
  #cancelRender: Cancel | null = null
  #renderTook = 0
  #stopTheme: (() => void) | null = null

  constructor() {
    super()
    this.lines = 0
    this.cut = false
    this.forbidden = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#stopTheme = onSystemTheme(() => this.restyle())
    // After having been elsewhere.
    if (this.hasUpdated) this.#open()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stopTheme?.()
    this.#close()
  }

  protected override render(): TemplateResult {
    const { label, tooLong, forbidden } = this.#words.phrases.preview
    return html`<div part="scroller" tabindex="0" role="region" aria-label=${label}>
      <span id="accent"></span>
      <slot></slot>
      ${this.forbidden ? html`<p role="alert">${forbidden}</p>` : nothing}
      ${this.cut ? html`<p>${tooLong(this.lines)}</p>` : nothing}
    </div>`
  }

  protected override firstUpdated(): void {
    this.#open()
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('room') || changed.has('field')) this.#observe()
    if (changed.has('view')) this.#join()
    if (this.#frame !== null) this.#frame.element.title = this.#words.phrases.preview.label
  }

  /** Takes the colours and letters of the page over again, after they have changed. */
  restyle(): void {
    const { color, fontFamily, fontSize } = getComputedStyle(this)
    const accent = this.renderRoot.querySelector('#accent')
    this.#frame?.style(
      frameStyle({
        scheme: isDark(this) ? 'dark' : 'light',
        ink: color,
        accent: accent === null ? color : getComputedStyle(accent).color,
        font: fontFamily,
        size: fontSize,
      }),
    )
  }

  #open(): void {
    this.#close()
    const scroller = this.renderRoot.querySelector<HTMLElement>('[part=scroller]')
    if (scroller === null || !this.isConnected) return
    const frame = this.#newFrame()
    if (frame === null) return
    this.#frame = frame
    scroller.prepend(frame.element)
    this.#observe()
    void frame.ready().then(() => {
      if (this.#frame !== frame) return
      this.restyle()
      this.#join()
      this.#show()
    })
  }

  #newFrame(): PreviewFrame | null {
    try {
      return new PreviewFrame(this.ownerDocument, () => this.#pair?.align())
    } catch {
      // The one way to get here: a page that requires trusted types and does not list ours.
      this.forbidden = true
      return null
    }
  }

  #close(): void {
    this.#cancelRender?.()
    this.#cancelRender = null
    this.#observed?.unobserve(this.#changed)
    this.#observed = null
    this.#pair?.stop()
    this.#pair = null
    this.#frame?.destroy()
    this.#frame = null
  }

  #observe(): void {
    this.#observed?.unobserve(this.#changed)
    this.#observed = null
    // Else nobody would let go of it.
    if (!this.isConnected) return
    this.#observed = this.room?.text(this.field ?? 'content') ?? null
    this.#observed?.observe(this.#changed)
    this.#changed()
  }

  #join(): void {
    this.#pair?.stop()
    this.#pair = null
    const scroller = this.renderRoot.querySelector<HTMLElement>('[part=scroller]')
    const { view } = this
    const frame = this.#frame
    if (scroller === null || frame === null || view === null || view === undefined) return
    this.#pair = new ScrollPair(view, scroller, () => frame.map)
  }

  readonly #changed = (): void => {
    const pause = Math.max(PAUSE_MS, this.#renderTook * PAUSE_PER_RENDERING)
    this.#cancelRender ??= systemClock.after(pause, () => {
      this.#cancelRender = null
      this.#show()
    })
  }

  #show(): void {
    const frame = this.#frame
    if (frame === null) return
    const begun = systemClock.now()
    const source = this.#observed === null ? '' : editorText(this.#observed)
    const { blocks, lines, cut } = blocksOf(source)
    frame.speak(languageOf(this))
    frame.show(blocks, lines, this.#words.phrases.preview.picture)
    this.lines = lines
    this.cut = cut
    this.#renderTook = systemClock.now() - begun
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'coscribe-preview': CoscribePreview
  }
}

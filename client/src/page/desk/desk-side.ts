import { html, nothing, type TemplateResult } from 'lit'
import { iconButton } from '../icon-button.js'
import type { Memory } from '../memory.js'
import type { Theme } from '../theme-choice.js'
import { words } from '../words.js'
import { DeskElement } from './desk-element.js'

/** The panel's share of the width, in percent. */
const MIN_SHARE = 20
const MAX_SHARE = 75
const USUAL_SHARE = 45
const STEP = 5
const REMEMBERED = 'side-share'

/** What stands beside the text, or, on a phone, instead of it. */
export class DeskSide extends DeskElement {
  static override readonly properties = { ...DeskElement.properties, theme: { attribute: false } }

  /** That of the page; the preview takes its colours over. */
  declare theme: Theme | undefined
  #share = 0
  #preview: 'absent' | 'asked' | 'loaded' = 'absent'

  protected override render(): TemplateResult | typeof nothing {
    const { desk } = this
    this.hidden = desk === undefined || desk.side === null
    if (desk === undefined || desk.side === null) return nothing
    if (this.#share === 0) this.#share = rememberedShare(desk.memory)
    this.style.setProperty('--side-share', `${this.#share}%`)
    const phrases = words().desk
    return html`<aside class="side" aria-label=${phrases.sidePanel}>
      <div
        class="divider"
        role="separator"
        tabindex="0"
        aria-orientation="vertical"
        aria-label=${phrases.sideWidth}
        aria-valuemin=${MIN_SHARE}
        aria-valuemax=${MAX_SHARE}
        aria-valuenow=${this.#share}
        @keydown=${this.#key}
        @pointerdown=${this.#grab}
        @pointermove=${this.#drag}
      ></div>
      <div class="side-head">
        <h2>${words().preview.label}</h2>
        ${iconButton('hide-side', 'close', phrases.hideSide, () => this.#hide())}
      </div>
      ${
        this.#preview === 'loaded'
          ? html`<coscribe-preview .room=${desk.room} .view=${desk.view}></coscribe-preview>`
          : nothing
      }
    </aside>`
  }

  protected override updated(): void {
    if (this.desk?.side === 'preview' && this.#preview === 'absent') void this.#loadPreview()
    this.querySelector('coscribe-preview')?.restyle()
  }

  async #loadPreview(): Promise<void> {
    this.#preview = 'asked'
    const loaded = await this.desk?.load(
      ({ preview }) => preview,
      () => import('../../preview/index.js'),
      // It may have been hidden again.
      () => this.desk?.side === 'preview',
    )
    this.#preview = loaded === undefined || loaded === null ? 'absent' : 'loaded'
    if (loaded === undefined || loaded === null) return this.desk?.showSide(null)
    loaded.definePreview()
    this.requestUpdate()
  }

  #hide(): void {
    this.desk?.showSide(null)
    this.desk?.view?.focus()
  }

  readonly #key = (event: KeyboardEvent): void => {
    const isLeftToRight = getComputedStyle(this).direction === 'ltr'
    const wider = isLeftToRight ? 'ArrowLeft' : 'ArrowRight'
    const narrower = isLeftToRight ? 'ArrowRight' : 'ArrowLeft'
    const share = {
      [wider]: this.#share + STEP,
      [narrower]: this.#share - STEP,
      Home: MIN_SHARE,
      End: MAX_SHARE,
    }[event.key]
    if (share === undefined) return
    event.preventDefault()
    this.#resize(share)
  }

  readonly #grab = (event: PointerEvent): void => {
    event.preventDefault()
    ;(event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
  }

  readonly #drag = (event: PointerEvent): void => {
    const divider = event.currentTarget as HTMLElement
    if (!divider.hasPointerCapture(event.pointerId)) return
    const { left, right, width } = (this.parentElement ?? this).getBoundingClientRect()
    const isLeftToRight = getComputedStyle(this).direction === 'ltr'
    const beside = isLeftToRight ? right - event.clientX : event.clientX - left
    this.#resize(Math.round((beside / width) * 100))
  }

  #resize(share: number): void {
    this.#share = clamp(share)
    this.desk?.memory.write(REMEMBERED, String(this.#share))
    this.requestUpdate()
  }
}

function clamp(share: number): number {
  return Math.min(MAX_SHARE, Math.max(MIN_SHARE, share))
}

/** What is no share is as if nothing were remembered. */
function rememberedShare(memory: Memory): number {
  const share = Number(memory.read(REMEMBERED) ?? USUAL_SHARE)
  return share === clamp(share) ? share : USUAL_SHARE
}

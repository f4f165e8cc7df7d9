import { html, nothing, type TemplateResult } from 'lit'
import { redo, undo } from '../../codemirror/index.js'
import { iconButton } from '../icon-button.js'
import { icon } from '../icons.js'
import { words } from '../words.js'
import { DeskElement } from './desk-element.js'

/**
 * What one needs while writing on a phone, above its keyboard. Where the keyboard covers the page, only the visual
 * viewport says where it ends.
 */
export class DeskBar extends DeskElement {
  readonly #placed = (): void => this.#place()

  override connectedCallback(): void {
    super.connectedCallback()
    for (const event of ['resize', 'scroll']) {
      window.visualViewport?.addEventListener(event, this.#placed)
    }
    this.#place()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const event of ['resize', 'scroll']) {
      window.visualViewport?.removeEventListener(event, this.#placed)
    }
  }

  protected override render(): TemplateResult | typeof nothing {
    const { desk } = this
    if (desk === undefined || desk.locked !== null) return nothing
    const phrases = words().desk
    const { canUndo, canRedo } = desk.undoDepth
    const { view } = desk
    return html`<section class="bar" aria-label=${phrases.writing} @pointerdown=${stay}>
      <div role="toolbar" aria-label=${phrases.writing}>
        <button
          id="bar-undo"
          class="icon-button"
          aria-label=${phrases.undo}
          title=${phrases.undo}
          aria-disabled=${!canUndo}
          @click=${() => view !== null && undo(view)}
        >
          ${icon('undo')}
        </button>
        <button
          id="bar-redo"
          class="icon-button"
          aria-label=${phrases.redo}
          title=${phrases.redo}
          aria-disabled=${!canRedo}
          @click=${() => view !== null && redo(view)}
        >
          ${icon('redo')}
        </button>
        ${iconButton('bar-find', 'find', phrases.find, () => void desk.find())}
        ${iconButton('bar-done', 'done', phrases.hideKeyboard, () => view?.contentDOM.blur())}
      </div>
    </section>`
  }

  #place(): void {
    const { visualViewport } = window
    if (visualViewport === null) return
    const below = window.innerHeight - visualViewport.height - visualViewport.offsetTop
    this.style.setProperty('--keyboard', `${Math.max(0, Math.round(below))}px`)
  }
}

/** A press takes the focus out of the text, and with it the keyboard away. */
function stay(event: Event): void {
  event.preventDefault()
}

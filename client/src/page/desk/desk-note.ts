import { html, type TemplateResult } from 'lit'
import { words } from '../words.js'
import type { DeskNote } from './desk.js'
import { DeskElement } from './desk-element.js'

/** Tells what has to be read: why something was not done. */
export class DeskNoteDialog extends DeskElement {
  #shown: DeskNote | null = null

  protected override render(): TemplateResult {
    const { heading = '', text = '' } = this.desk?.note ?? {}
    const done = (): void => this.desk?.read()
    return html`<dialog
      id="desk-note"
      role="alertdialog"
      aria-labelledby="desk-note-heading"
      aria-describedby="desk-note-text"
      @close=${this.#closed}
    >
      <h2 id="desk-note-heading">${heading}</h2>
      <p id="desk-note-text">${text}</p>
      <div class="buttons">
        <button class="primary" autofocus @click=${done}>${words().desk.ok}</button>
      </div>
    </dialog>`
  }

  /** Browsers tell of it in a task of its own, when there may be something new to be read already. */
  readonly #closed = ({ currentTarget }: Event): void => {
    if (!(currentTarget as HTMLDialogElement).open) this.desk?.read()
  }

  protected override updated(): void {
    const dialog = this.querySelector('dialog')
    const note = this.desk?.note ?? null
    // One that somebody has just closed is read, also before the browser has told so.
    if (note === this.#shown) return
    this.#shown = note
    // The next one is told like the first: of a text that only changes nobody hears.
    if (dialog?.open === true) dialog.close()
    if (note !== null) dialog?.showModal()
  }
}

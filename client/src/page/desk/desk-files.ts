import { cleanTitle } from '@coscribe/shared'
import { html, nothing, type TemplateResult } from 'lit'
import * as Y from 'yjs'
import { setLineEnding } from '../../codemirror/index.js'
import { usualLineEnding } from '../../codemirror/line-ending.js'
import { words } from '../words.js'
import { DeskElement } from './desk-element.js'
import { dropZone } from './drop-zone.js'
import { MAX_FILE_BYTES, readFile, type FileContent, type FileFault } from './open-file.js'
import { freeBytesWith } from './update-file.js'

/** Longest name of a file that is shown, in UTF-16 units. */
const MAX_SHOWN_NAME = 80

type Update = Extract<FileContent, { kind: 'update' }>

/** Opens files: chosen from the menu, or dropped on the page. */
export class DeskFiles extends DeskElement {
  static override readonly properties = {
    ...DeskElement.properties,
    merging: { state: true },
    hovered: { state: true },
  }

  /** What is merged if somebody says so. */
  declare protected merging: { readonly name: string; readonly update: Update } | null
  /** A file is held over the page. */
  declare protected hovered: boolean
  #stopDrops: (() => void) | null = null

  constructor() {
    super()
    this.merging = null
    this.hovered = false
  }

  /** Asks for a file. To be called in what somebody pressed: browsers ask for none by themselves. */
  choose(): void {
    this.querySelector<HTMLInputElement>('input[type=file]')?.click()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#stopDrops = dropZone(window, {
      hovered: (hovered) => {
        this.hovered = hovered
      },
      dropped: (files) => void this.#open(files),
    })
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stopDrops?.()
  }

  protected override render(): TemplateResult {
    return html`<input
        type="file"
        hidden
        aria-label=${words().desk.openFile}
        @change=${this.#chosen}
      />
      ${this.hovered ? html`<p class="drop-hint">${words().desk.drop}</p>` : nothing}
      ${this.#mergeDialog()}`
  }

  #mergeDialog(): TemplateResult {
    const { merge } = words().desk
    const { merging } = this
    const number = new Intl.NumberFormat(this.ownerDocument.documentElement.lang)
    const characters = number.format(merging?.update.characters ?? 0)
    return html`<dialog
      id="merge-dialog"
      aria-labelledby="merge-heading"
      aria-describedby="merge-text"
      @close=${this.#closed}
    >
      <h2 id="merge-heading">${merge.heading}</h2>
      <p id="merge-text">${merge.text(merging?.name ?? '', characters)}</p>
      <div class="buttons">
        <button autofocus @click=${() => this.#dialog?.close()}>${words().dialogs.cancel}</button
        ><button class="primary" @click=${() => this.#merge()}>${merge.confirm}</button>
      </div>
    </dialog>`
  }

  /** Browsers tell of it in a task of its own, when it may be open for another file already. */
  readonly #closed = (): void => {
    if (this.#dialog?.open !== true) this.merging = null
  }

  get #dialog(): HTMLDialogElement | null {
    return this.querySelector('#merge-dialog')
  }

  readonly #chosen = (event: Event): void => {
    const input = event.currentTarget as HTMLInputElement
    const files = [...(input.files ?? [])]
    // The same file may be chosen again.
    input.value = ''
    void this.#open(files)
  }

  async #open(files: readonly File[]): Promise<void> {
    const { desk } = this
    const [file, ...others] = files
    if (desk === undefined || file === undefined || this.merging !== null) return
    const name = shownName(file)
    const { why } = words().desk
    if (others.length > 0) return this.#refuse(name, why.several)
    if (desk.locked !== null) return this.#refuse(name, why[desk.locked])
    const content = await readFile(file)
    // Somebody is asked about another file meanwhile.
    if (desk !== this.desk || !this.isConnected || this.merging !== null) return
    // Reading takes a while, and rights come and go.
    if (desk.locked !== null) return this.#refuse(name, why[desk.locked])
    if (content.kind === 'text') return this.#insert(name, content.text)
    if (content.kind === 'update') return this.#askToMerge(name, content)
    this.#refuse(name, reason(content))
  }

  #refuse(name: string, text: string): void {
    this.desk?.tell({ heading: words().desk.notOpened(name), text })
  }

  /** At the caret, as one step of undo. An empty document becomes the file, with its line ends. */
  #insert(name: string, text: string): void {
    const view = this.desk?.view
    if (view === undefined || view === null) return
    const wasEmpty = view.state.doc.length === 0
    const { from, to } = view.state.selection.main
    const before = view.state.doc
    const insert = view.state.toText(text.replaceAll(/\r\n?/g, '\n'))
    view.dispatch({
      changes: { from, to, insert },
      selection: { anchor: from + insert.length },
      scrollIntoView: true,
      userEvent: 'input.drop',
    })
    // It would have made the document too large, which is said above the text.
    if (view.state.doc === before && insert.length > 0) return view.focus()
    if (wasEmpty && this.desk !== undefined) {
      setLineEnding(this.desk.room.ydoc, usualLineEnding(text))
    }
    view.focus()
    this.desk?.say(words().desk.inserted(name))
  }

  #askToMerge(name: string, update: Update): void {
    const { ydoc, limits } = this.desk?.room ?? {}
    const { large } = words()
    const free = ydoc && limits ? freeBytesWith(ydoc, update.update, limits.documentBytes) : 0
    if (free < 0)
      return this.#refuse(name, large.tooLarge(update.update.length, update.update.length + free))
    this.merging = { name, update }
    void this.updateComplete.then(() => this.#dialog?.showModal())
  }

  #merge(): void {
    const { desk, merging } = this
    this.#dialog?.close()
    this.merging = null
    if (desk === undefined || merging === null) return
    if (desk.locked !== null) return this.#refuse(merging.name, words().desk.why[desk.locked])
    Y.applyUpdate(desk.room.ydoc, merging.update.update, this)
    desk.view?.focus()
    desk.say(words().desk.merged(merging.name))
  }
}

/** A file is called whatever its sender liked; nothing in it may turn the sentence around that it is named in. */
function shownName({ name }: File): string {
  return cleanTitle(name.slice(0, MAX_SHOWN_NAME)) || words().page.untitled
}

function reason(fault: FileFault): string {
  const { why } = words().desk
  switch (fault.kind) {
    case 'tooLarge':
      return why.tooLarge(MAX_FILE_BYTES / 1024 / 1024)
    case 'notAnUpdate':
      return why.notAnUpdate(why.update[fault.reason])
    default:
      return why[fault.kind]
  }
}

import type { EditorView } from '@codemirror/view'
import type { LineMap } from './line-map.js'

/** Less than this, in pixels, is where it is already. */
const SLACK_PX = 1

/** Keeps an editor and a preview at the same line of the text, whichever of them is scrolled. */
export class ScrollPair {
  readonly #view: EditorView
  readonly #preview: HTMLElement
  readonly #map: () => LineMap
  #editorScroller: HTMLElement
  /** Where each was put from here, until it has told of it: that is nobody's scrolling. */
  readonly #put = new Map<HTMLElement, number>()
  /** Whoever was scrolled last leads when the preview changes. */
  #leader: 'editor' | 'preview' = 'editor'

  /** @param map leads from lines to places in `preview`, as things stand when it is called */
  constructor(view: EditorView, preview: HTMLElement, map: () => LineMap) {
    this.#view = view
    this.#preview = preview
    this.#map = map
    this.#editorScroller = scrollerOf(view)
    this.#editorScroller.addEventListener('scroll', this.#editorScrolled, { passive: true })
    preview.addEventListener('scroll', this.#previewScrolled, { passive: true })
    this.align()
  }

  stop(): void {
    this.#editorScroller.removeEventListener('scroll', this.#editorScrolled)
    this.#preview.removeEventListener('scroll', this.#previewScrolled)
  }

  /** The text or the preview has changed: brings the preview to the line where the editor is, if that leads. */
  align(): void {
    const scroller = scrollerOf(this.#view)
    if (scroller !== this.#editorScroller) {
      this.#editorScroller.removeEventListener('scroll', this.#editorScrolled)
      this.#editorScroller = scroller
      scroller.addEventListener('scroll', this.#editorScrolled, { passive: true })
    }
    if (this.#leader === 'editor') this.#followEditor()
  }

  readonly #editorScrolled = (): void => {
    if (this.#wasPut(this.#editorScroller)) return
    this.#leader = 'editor'
    this.#followEditor()
  }

  readonly #previewScrolled = (): void => {
    if (this.#wasPut(this.#preview)) return
    this.#leader = 'preview'
    this.#followPreview()
  }

  #followEditor(): void {
    this.#scroll(this.#preview, this.#map().topOf(this.#topLine()))
  }

  #followPreview(): void {
    const line = this.#map().lineAt(this.#preview.scrollTop)
    const { doc } = this.#view.state
    const whole = Math.min(doc.lines, Math.floor(line) + 1)
    const { top, height } = this.#view.lineBlockAt(doc.line(whole).from)
    const wanted = this.#view.documentTop + top + (line - Math.floor(line)) * height
    const scroller = this.#editorScroller
    this.#scroll(scroller, scroller.scrollTop + wanted - scroller.getBoundingClientRect().top)
  }

  /** The line at the upper edge of what is seen of the text, from 0 on, with how much of it is above. */
  #topLine(): number {
    const edge = this.#editorScroller.getBoundingClientRect().top - this.#view.documentTop
    if (edge <= 0) return 0
    const { from, top, height } = this.#view.lineBlockAtHeight(edge)
    const share = height === 0 ? 0 : Math.min(1, (edge - top) / height)
    return this.#view.state.doc.lineAt(from).number - 1 + share
  }

  #scroll(scroller: HTMLElement, wanted: number): void {
    const top = Math.max(0, Math.min(wanted, scroller.scrollHeight - scroller.clientHeight))
    if (Math.abs(top - scroller.scrollTop) < SLACK_PX) return
    scroller.scrollTop = top
    this.#put.set(scroller, scroller.scrollTop)
  }

  #wasPut(scroller: HTMLElement): boolean {
    const put = this.#put.get(scroller)
    this.#put.delete(scroller)
    return put !== undefined && Math.abs(put - scroller.scrollTop) < SLACK_PX
  }
}

/** What scrolls the text: the editor itself, or what it stands in. */
function scrollerOf(view: EditorView): HTMLElement {
  for (let at: Element | null = view.scrollDOM; at !== null; at = parentOf(at)) {
    const { overflowY } = getComputedStyle(at)
    const scrolls = overflowY === 'auto' || overflowY === 'scroll'
    // An editor that is as high as its text would scroll, and never does.
    if (scrolls && at instanceof HTMLElement && at.scrollHeight > at.clientHeight + 1) return at
  }
  return view.scrollDOM
}

function parentOf(element: Element): Element | null {
  if (element.assignedSlot !== null) return element.assignedSlot
  if (element.parentElement !== null) return element.parentElement
  const root = element.getRootNode()
  return root instanceof ShadowRoot ? root.host : null
}

import type { Block } from './blocks.js'
import { Drawing } from './drawing.js'
import { LineMap, type Mark } from './line-map.js'
import { emptyFrame } from './policy.js'

/**
 * Without `allow-scripts` nothing in the frame ever runs. With `allow-same-origin` the page around it may draw in
 * it and measure them, without which nothing could be scrolled in step. (The two together would be no
 * sandbox.) Links open tabs of their own.
 */
const SANDBOX = 'allow-same-origin allow-popups allow-popups-to-escape-sandbox'

/** What is told of files that are held over something. */
const dragging = ['dragover', 'dragleave', 'drop'] as const

interface ShownBlock {
  readonly block: Block
  readonly element: HTMLElement
}

/** The sandboxed frame in which blocks are shown: as high as they are, so that what is around it scrolls. */
export class PreviewFrame {
  readonly element: HTMLIFrameElement
  readonly #resized: () => void
  #shown: readonly ShownBlock[] = []
  #lines = 0
  #map: LineMap | null = null
  #observer: ResizeObserver | null = null

  /**
   * @param resized called when what is shown has another height
   * @throws TypeError where the page's policy forbids it; see {@link emptyFrame}
   */
  constructor(page: Document, resized: () => void) {
    this.#resized = resized
    this.element = page.createElement('iframe')
    this.element.setAttribute('sandbox', SANDBOX)
    this.element.srcdoc = emptyFrame()
  }

  /** Resolves when the frame, which has to be in a page by then, can show something. */
  async ready(): Promise<void> {
    if (this.#document === null) {
      await new Promise((resolve) => {
        this.element.addEventListener('load', resolve, { once: true })
      })
    }
    const body = this.#document?.body
    if (body === undefined) return
    for (const name of dragging) body.ownerDocument.addEventListener(name, this.#dragged)
    this.#observer = new ResizeObserver(() => this.#fit())
    this.#observer.observe(body)
  }

  /**
   * Files that come over the edge of the window straight into the frame: the page around it is told, and the browser
   * does not leave the frame for them.
   */
  readonly #dragged = (event: DragEvent): void => {
    const { type, dataTransfer, relatedTarget } = event
    if (dataTransfer?.types.includes('Files') !== true) return
    if (type === 'dragleave' && relatedTarget !== null) return
    event.preventDefault()
    this.element.dispatchEvent(
      new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true, composed: true }),
    )
  }

  /** The frame's own document, once it is there. What a frame has before it is somebody else's. */
  get #document(): Document | null {
    const { contentDocument } = this.element
    return contentDocument?.URL === 'about:srcdoc' && contentDocument.readyState !== 'loading'
      ? contentDocument
      : null
  }

  /** Styles everything in the frame. */
  style(css: string): void {
    const sheetClass = (
      this.element.contentWindow as { CSSStyleSheet?: typeof CSSStyleSheet } | null
    )?.CSSStyleSheet
    if (this.#document === null || sheetClass === undefined) return
    const sheet = new sheetClass()
    sheet.replaceSync(css)
    this.#document.adoptedStyleSheets = [sheet]
  }

  /** In which language and direction the text is taken to be. */
  speak(lang: string): void {
    const root = this.#document?.documentElement
    if (root !== undefined) root.lang = lang
  }

  /**
   * Shows these blocks, and touches only those that are other ones than before.
   *
   * @param lines how many lines of the source they are
   * @param pictureName what a picture without a text of its own is called
   */
  show(blocks: readonly Block[], lines: number, pictureName: string): void {
    const body = this.#document?.body
    if (body === undefined) return
    const before = this.#shown
    const start = commonStart(before, blocks)
    const end = commonEnd(before.slice(start), blocks.slice(start))
    const drawing = new Drawing(body.ownerDocument, pictureName)
    const fresh = blocks
      .slice(start, blocks.length - end)
      .map((block) => ({ block, element: elementOf(block, body.ownerDocument, drawing) }))
    const after = before.slice(before.length - end)
    for (const { element } of before.slice(start, before.length - end)) element.remove()
    const next = after[0]?.element ?? null
    for (const { element } of fresh) body.insertBefore(element, next)
    this.#shown = [
      ...before.slice(0, start),
      ...fresh,
      // The same, but maybe on other lines now.
      ...after.map(({ element }, index) => {
        return { block: blocks[blocks.length - end + index] as Block, element }
      }),
    ]
    this.#lines = lines
    this.#fit()
  }

  /** Leads from lines to places, as things stand now. */
  get map(): LineMap {
    this.#map ??= this.#measure()
    return this.#map
  }

  #measure(): LineMap {
    const marks: Mark[] = this.#shown.map(({ block: { line }, element }) => {
      return { line, top: element.offsetTop }
    })
    return new LineMap(marks, { line: this.#lines, top: this.element.offsetHeight })
  }

  #fit(): void {
    const body = this.#document?.body
    if (body === undefined) return
    const height = `${Math.ceil(body.offsetHeight)}px`
    this.#map = null
    if (this.element.style.height !== height) this.element.style.height = height
    this.#resized()
  }

  destroy(): void {
    this.#observer?.disconnect()
    this.element.remove()
  }
}

function elementOf(block: Block, page: Document, drawing: Drawing): HTMLElement {
  const element = page.createElement('div')
  element.dir = 'auto'
  element.append(drawing.block(block.token))
  return element
}

function commonStart(shown: readonly ShownBlock[], blocks: readonly Block[]): number {
  let count = 0
  while (count < shown.length && isSame(shown[count], blocks[count])) count++
  return count
}

function commonEnd(shown: readonly ShownBlock[], blocks: readonly Block[]): number {
  let count = 0
  while (
    count < shown.length &&
    isSame(shown[shown.length - 1 - count], blocks[blocks.length - 1 - count])
  ) {
    count++
  }
  return count
}

function isSame(shown: ShownBlock | undefined, block: Block | undefined): boolean {
  if (shown === undefined || block === undefined) return false
  const { token, links } = shown.block
  return token.raw === block.token.raw && links === block.links
}

import { EditorView, ViewPlugin, type PluginValue, type ViewUpdate } from '@codemirror/view'

/** What of an editor is on the screen, in pixels. */
interface VisiblePart {
  readonly height: number
  /** How far the end of what scrolls is from the end of the editor; below zero when it is further out. */
  readonly gap: number
  /** What is around sticks things below its own padding; this is how much of it there is. */
  readonly padding: number
}

/**
 * A layer over that part of an editor that is on the screen, for what belongs to the screen and not to the text: also
 * where the editor is as high as its text and something around it scrolls.
 *
 * It sticks to the top of what scrolls, so that nothing of it has to be moved while that happens.
 */
class VisibleLayer implements PluginValue {
  /** What is to be put over the visible part. */
  readonly dom: HTMLElement
  readonly #view: EditorView
  readonly #anchor: HTMLElement
  readonly #observer: ResizeObserver | null
  #around: Element | null = null
  #part: VisiblePart = { height: 0, gap: 0, padding: 0 }

  constructor(view: EditorView) {
    this.#view = view
    const page = view.dom.ownerDocument
    this.#anchor = page.createElement('div')
    this.#anchor.className = 'cm-coscribeOver'
    this.dom = this.#anchor.appendChild(page.createElement('div'))
    this.dom.className = 'cm-coscribeOverPart'
    view.dom.prepend(this.#anchor)
    const changed = (): void => this.#measure()
    this.#observer = typeof ResizeObserver === 'function' ? new ResizeObserver(changed) : null
    this.#measure()
  }

  /** Pixels of the text that can be seen from top to bottom. */
  get height(): number {
    return this.#part.height
  }

  update(update: ViewUpdate): void {
    if (update.heightChanged || (update.geometryChanged && !update.docChanged)) this.#measure()
  }

  destroy(): void {
    this.#unobserve()
    this.#anchor.remove()
  }

  readonly #onScroll = (): void => this.#measure()

  #measure(): void {
    this.#view.requestMeasure({
      key: this,
      read: () => this.#read(),
      write: (part) => this.#write(part),
    })
  }

  #read(): VisiblePart {
    const { dom, scrollDOM } = this.#view
    const around = scrollerAround(dom)
    this.#observe(around)
    const own = dom.getBoundingClientRect()
    const outer = frameOf(around)
    const height = Math.min(own.bottom, outer.bottom) - Math.max(own.top, outer.top)
    const scrolls = scrollDOM.scrollHeight > scrollDOM.clientHeight
    const gap = scrolls
      ? scrollDOM.offsetWidth - scrollDOM.clientWidth
      : gapBetween(unscrolled(own, around), outer, dom)
    const padding = Number.parseFloat(getComputedStyle(around).paddingTop) || 0
    return { height: Math.max(0, Math.round(height)), gap: Math.round(gap), padding }
  }

  #write(part: VisiblePart): void {
    const { height, gap, padding } = this.#part
    if (part.height === height && part.gap === gap && part.padding === padding) return
    this.#part = part
    this.#anchor.style.top = `${-part.padding}px`
    this.dom.style.height = `${part.height}px`
    this.dom.style.setProperty('--coscribe-edge', `${part.gap}px`)
  }

  #observe(around: Element): void {
    if (this.#around === around) return
    this.#unobserve()
    this.#around = around
    this.#observer?.observe(around)
    scrolledBy(around).addEventListener('scroll', this.#onScroll, { passive: true })
  }

  #unobserve(): void {
    this.#observer?.disconnect()
    if (this.#around === null) return
    scrolledBy(this.#around).removeEventListener('scroll', this.#onScroll)
  }
}

const visibleLayer = ViewPlugin.fromClass(VisibleLayer)

/** The layer over the visible part of a view. */
export const overVisiblePart = [
  visibleLayer,
  EditorView.baseTheme({
    '.cm-coscribeOver': { position: 'sticky', top: '0', height: '0', zIndex: '250' },
    '.cm-coscribeOverPart': { position: 'relative', pointerEvents: 'none' },
  }),
]

/** Where something is put that belongs over the visible part, or `null` in a view without it. */
export function visibleLayerOf(view: EditorView): VisibleLayer | null {
  return view.plugin(visibleLayer)
}

/** The nearest element around an editor that scrolls or cuts, across shadow roots; else the page. */
function scrollerAround(dom: Element): Element {
  for (let at = parentOf(dom); at !== null; at = parentOf(at)) {
    if (/auto|scroll|hidden|clip/.test(getComputedStyle(at).overflowY)) return at
  }
  return dom.ownerDocument.documentElement
}

/** What is told when an element's content is scrolled. */
function scrolledBy(element: Element): EventTarget {
  const page = element.ownerDocument
  return element === page.documentElement ? page : element
}

function parentOf(element: Element): Element | null {
  if (element.assignedSlot !== null) return element.assignedSlot
  const { parentNode } = element
  return parentNode instanceof ShadowRoot ? parentNode.host : element.parentElement
}

/** What of an element shows its content: without scroll bars, and of the page what the window shows. */
function frameOf(element: Element): { top: number; bottom: number; left: number; right: number } {
  const { clientHeight, clientWidth, clientTop } = element
  const isPage = element === element.ownerDocument.documentElement
  const { top, left } = isPage ? { top: 0, left: 0 } : element.getBoundingClientRect()
  const inner = { top: top + clientTop, left: left + leftEdgeOf(element) }
  return { ...inner, bottom: inner.top + clientHeight, right: inner.left + clientWidth }
}

/** What of an element is left of what it shows. Room that is kept for scroll bars on both sides is not in `clientLeft`. */
function leftEdgeOf(element: Element): number {
  const isOnBoth = getComputedStyle(element)
    .getPropertyValue('scrollbar-gutter')
    .endsWith('both-edges')
  if (!isOnBoth || !(element instanceof HTMLElement)) return element.clientLeft
  return (element.offsetWidth - element.clientWidth) / 2
}

/** Where an element is when nothing is scrolled sideways; else what sticks out by mistake would stay there. */
function unscrolled(
  { left, right }: { readonly left: number; readonly right: number },
  { scrollLeft }: Element,
): { readonly left: number; readonly right: number } {
  return { left: left + scrollLeft, right: right + scrollLeft }
}

function gapBetween(
  own: { readonly left: number; readonly right: number },
  outer: { readonly left: number; readonly right: number },
  dom: Element,
): number {
  const isLeftward = getComputedStyle(dom).direction === 'rtl'
  return isLeftward ? outer.left - own.left : own.right - outer.right
}

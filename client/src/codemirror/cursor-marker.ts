import { EditorSelection, type SelectionRange } from '@codemirror/state'
import type { EditorView, LayerMarker, RectangleMarker } from '@codemirror/view'
import { boxCache } from './box-cache.js'
import { flashedPeer } from './jump.js'
import { hoveredPeer, shownPeers, type ShownPeer } from './shown-peers.js'

/** Where the label goes, so that it stays inside the editor. */
interface LabelSide {
  readonly below: boolean
  readonly left: boolean
}

interface CaretLook {
  readonly side: LabelSide
  readonly named: boolean
  /** It was jumped to a moment ago. */
  readonly flash: boolean
}

/** For deciding on which side of a caret its label fits; it need not be exact. */
const LABEL_HEIGHT_PX = 18
const LABEL_CHARACTER_PX = 8

/** Somebody's caret with its name. */
class CaretMarker implements LayerMarker {
  readonly #box: RectangleMarker
  readonly #peer: ShownPeer
  readonly #className: string

  constructor(box: RectangleMarker, peer: ShownPeer, look: CaretLook) {
    this.#box = box
    this.#peer = peer
    const { side, named, flash } = look
    const flags = {
      named,
      flash,
      blurred: !peer.focused || peer.activity !== 'active',
      below: side.below,
      left: side.left,
    }
    const names = Object.entries(flags).filter(([, on]) => on)
    this.#className = ['', ...names.map(([name]) => `-${name}`)]
      .map((suffix) => `cm-coscribeCaret${suffix}`)
      .join(' ')
  }

  eq(other: LayerMarker): boolean {
    return (
      other instanceof CaretMarker &&
      other.#box.eq(this.#box) &&
      other.#className === this.#className &&
      other.#peer.name === this.#peer.name &&
      other.#peer.hue === this.#peer.hue &&
      other.#peer.clientId === this.#peer.clientId
    )
  }

  draw(): HTMLElement {
    const caret = document.createElement('div')
    const label = caret.appendChild(document.createElement('span'))
    label.className = 'cm-coscribeCaretLabel'
    label.setAttribute('part', 'caret-label')
    caret.setAttribute('part', 'caret')
    this.update(caret)
    return caret
  }

  update(caret: HTMLElement): boolean {
    caret.className = this.#className
    caret.dataset['client'] = String(this.#peer.clientId)
    place(caret, this.#box, this.#peer.hue)
    if (caret.firstElementChild !== null) caret.firstElementChild.textContent = this.#peer.name
    return true
  }
}

/** One rectangle of what somebody has selected. */
class SelectionMarker implements LayerMarker {
  readonly #box: RectangleMarker
  readonly #hue: number

  constructor(box: RectangleMarker, hue: number) {
    this.#box = box
    this.#hue = hue
  }

  eq(other: LayerMarker): boolean {
    return other instanceof SelectionMarker && other.#box.eq(this.#box) && other.#hue === this.#hue
  }

  draw(): HTMLElement {
    const element = document.createElement('div')
    element.className = 'cm-coscribeSelection'
    element.setAttribute('part', 'selection')
    this.update(element)
    return element
  }

  update(element: HTMLElement): boolean {
    place(element, this.#box, this.#hue)
    return true
  }
}

/** The carets that can be seen. The name of somebody with several is at the main one. */
export function caretMarkers(view: EditorView): LayerMarker[] {
  const hovered = view.state.field(hoveredPeer)
  const flashed = view.state.field(flashedPeer)
  const { from, to } = view.viewport
  const width = view.scrollDOM.clientWidth + view.scrollDOM.scrollLeft
  return measure(view, 'caret', ({ head }) =>
    head >= from && head <= to ? EditorSelection.cursor(head) : null,
  ).map(({ peer, isMain, box }) => {
    const below = box.top < LABEL_HEIGHT_PX
    const left = box.left + peer.name.length * LABEL_CHARACTER_PX > width
    const flash = isMain && peer.clientId === flashed
    const wanted = peer.active || flash || peer.clientId === hovered
    const named = peer.name !== '' && isMain && wanted
    return new CaretMarker(box, peer, { side: { below, left }, named, flash })
  })
}

/** What can be seen of selections. */
export function selectionMarkers(view: EditorView): LayerMarker[] {
  const { from, to } = view.viewport
  return measure(view, 'selection', (range) =>
    !range.empty && range.from < to && range.to > from ? range : null,
  ).map(({ peer, box }) => new SelectionMarker(box, peer.hue))
}

interface Measured {
  readonly peer: ShownPeer
  /** Whether it is of their main range. */
  readonly isMain: boolean
  readonly box: RectangleMarker
}

/** The boxes of what `visible` makes of everybody's ranges, and whose they are. */
function measure(
  view: EditorView,
  kind: string,
  visible: (range: SelectionRange) => SelectionRange | null,
): Measured[] {
  const cache = view.plugin(boxCache)
  const found: Measured[] = []
  const keys = new Set<string>()
  for (const peer of view.state.field(shownPeers)) {
    for (const [i, range] of peer.ranges.entries()) {
      const seen = visible(range)
      if (seen === null || cache === null) continue
      const key = `${kind} ${peer.clientId} ${i}`
      keys.add(key)
      for (const box of cache.boxesOf(view, key, seen)) found.push({ peer, isMain: i === 0, box })
    }
  }
  cache?.keepOnly(kind, keys)
  return found
}

/** Property by property, through the object model: a strict content security policy forbids style attributes. */
function place(element: HTMLElement, { left, top, width, height }: RectangleMarker, hue: number) {
  const { style } = element
  style.setProperty('left', `${left}px`)
  style.setProperty('top', `${top}px`)
  style.setProperty('height', `${height}px`)
  if (width !== null) style.setProperty('width', `${width}px`)
  style.setProperty('--coscribe-hue', String(hue))
}

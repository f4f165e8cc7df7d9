import type { EditorView } from '@codemirror/view'
import { onTestFinished } from 'vitest'

export const CHARACTER_PX = 10
export const LINE_PX = 20

/** Gives text a size, for as long as a test runs: each character 10 pixels wide, each line 20 high. */
export function fakeGeometry(): void {
  Object.assign(Range.prototype, {
    getClientRects: rects,
    getBoundingClientRect(this: Range) {
      return rects.call(this)[0]
    },
  })
  const original = Object.getOwnPropertyDescriptor(Element.prototype, 'getBoundingClientRect')
  Object.assign(Element.prototype, { getBoundingClientRect: lineRect })
  onTestFinished(() => {
    if (original !== undefined) {
      Object.defineProperty(Element.prototype, 'getBoundingClientRect', original)
    }
    for (const name of ['getClientRects', 'getBoundingClientRect']) {
      Reflect.deleteProperty(Range.prototype, name)
    }
  })
}

function rects(this: Range): DOMRect[] {
  const line = elementOf(this.startContainer)?.closest('.cm-line')
  if (line === null || line === undefined) return [new DOMRect(0, 0, 0, LINE_PX)]
  const before = document.createRange()
  before.setStart(line, 0)
  before.setEnd(this.startContainer, this.startOffset)
  const [column, length] = [before.toString().length, this.toString().length]
  return [new DOMRect(CHARACTER_PX * column, LINE_PX * rowOf(line), CHARACTER_PX * length, LINE_PX)]
}

function lineRect(this: Element): DOMRect {
  if (!this.classList.contains('cm-line')) return new DOMRect()
  return new DOMRect(0, LINE_PX * rowOf(this), 0, LINE_PX)
}

/** Resolves when the view has measured and drawn. */
export function drawn(view: EditorView): Promise<void> {
  return new Promise((resolve) => view.requestMeasure({ read: () => null, write: () => resolve() }))
}

function elementOf(node: Node): Element | null {
  return node instanceof Element ? node : node.parentElement
}

function rowOf(line: Element): number {
  return [...(line.parentElement?.querySelectorAll('.cm-line') ?? [])].indexOf(line)
}

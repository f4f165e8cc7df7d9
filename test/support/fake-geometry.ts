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
  onTestFinished(() => {
    for (const name of ['getClientRects', 'getBoundingClientRect']) {
      Reflect.deleteProperty(Range.prototype, name)
    }
  })
}

function rects(this: Range): DOMRect[] {
  const line = elementOf(this.startContainer)?.closest('.cm-line')
  const row = line === null || line === undefined ? 0 : rowOf(line)
  const width = CHARACTER_PX * (this.endOffset - this.startOffset)
  return [new DOMRect(CHARACTER_PX * this.startOffset, LINE_PX * row, width, LINE_PX)]
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

import type { ChangeDesc, SelectionRange, Text } from '@codemirror/state'
import {
  RectangleMarker,
  ViewPlugin,
  type EditorView,
  type PluginValue,
  type ViewUpdate,
} from '@codemirror/view'
import { mapRange } from './map-range.js'

interface Measured {
  readonly range: SelectionRange
  readonly boxes: readonly RectangleMarker[]
}

/**
 * Remembers where ranges are on the screen, because to ask costs a twentieth of a millisecond and more, and with many
 * people in a document a key is pressed many times before any of them moves.
 *
 * A change within lines moves nothing outside of these lines; anything else that may move something forgets it all.
 */
class BoxCache implements PluginValue {
  readonly #measured = new Map<string, Measured>()
  /** The part of the text that is drawn: what is beyond it has no boxes. */
  #viewport: { readonly from: number; readonly to: number }
  /** Whether the next drawing of the text shows a change that was taken into account. */
  #expectsDrawing = false

  constructor(view: EditorView) {
    this.#viewport = view.viewport
  }

  update(update: ViewUpdate): void {
    const { docChanged } = update
    const { viewport } = update.view
    this.#expectsDrawing = docChanged
    // Every change of the text counts as one of geometry. Those that make a line higher are told again, when measured.
    const resized = update.geometryChanged && !docChanged
    if (resized || !this.#isViewport(viewport, update)) this.#measured.clear()
    else if (docChanged) this.#move(update)
    this.#viewport = viewport
  }

  /** The text was drawn. If it did not change, it looks different: decorations, which may be bold. */
  docViewUpdate(): void {
    if (!this.#expectsDrawing) this.#measured.clear()
    this.#expectsDrawing = false
  }

  /** Where `range` is. While a view measures; `key` stands for it when it has moved with the text. */
  boxesOf(view: EditorView, key: string, range: SelectionRange): readonly RectangleMarker[] {
    const known = this.#measured.get(key)
    if (known?.range.eq(range) === true) return known.boxes
    const boxes = RectangleMarker.forRange(view, '', range)
    this.#measured.set(key, { range, boxes })
    return boxes
  }

  /** Forgets ranges that do not exist any more. */
  keepOnly(prefix: string, keys: ReadonlySet<string>): void {
    for (const key of this.#measured.keys()) {
      if (key.startsWith(prefix) && !keys.has(key)) this.#measured.delete(key)
    }
  }

  /** Whether the viewport is where it was, apart from what the text in it has grown or shrunk. */
  #isViewport({ from, to }: EditorView['viewport'], { changes }: ViewUpdate): boolean {
    const { from: oldFrom, to: oldTo } = this.#viewport
    return from === changes.mapPos(oldFrom, -1) && to === changes.mapPos(oldTo, 1)
  }

  #move({ changes, startState }: ViewUpdate): void {
    if (!staysWithinLines(changes, startState.doc)) return this.#measured.clear()
    for (const [key, { range, boxes }] of this.#measured) {
      const touched = [range.from, range.to].some((at) => touchesLine(changes, startState.doc, at))
      if (touched) this.#measured.delete(key)
      else this.#measured.set(key, { range: mapRange(range, changes, -1), boxes })
    }
  }
}

/** Where the cursors of a view are on the screen. */
export const boxCache = ViewPlugin.fromClass(BoxCache)

function staysWithinLines(changes: ViewUpdate['changes'], before: Text): boolean {
  let stays = true
  changes.iterChanges((from, to, _fromB, _toB, inserted) => {
    stays &&= inserted.lines === 1 && to <= before.lineAt(from).to
  })
  return stays
}

function touchesLine(changes: ChangeDesc, before: Text, at: number): boolean {
  const line = before.lineAt(at)
  return changes.touchesRange(line.from, line.to) !== false
}

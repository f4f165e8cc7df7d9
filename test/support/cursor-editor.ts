import type { Extension } from '@codemirror/state'
import { remoteCursors } from '@coscribe/client/codemirror'
import * as Y from 'yjs'
import { openEditor, type BoundEditor } from './binding-world.js'
import { CHARACTER_PX, drawn, LINE_PX } from './fake-geometry.js'
import { FakePresence } from './fake-presence.js'
import { ManualClock } from './manual-clock.js'

/** An editor that shows cursors. */
export interface CursorEditor extends BoundEditor {
  readonly presence: FakePresence
}

/** Opens an editor with a presence, which says `self` of its user. */
export function openWithCursors(
  ytext: Y.Text,
  self = {},
  clock = new ManualClock(),
  more: Extension = [],
): CursorEditor {
  const presence = new FakePresence(self)
  const extensions = [remoteCursors(presence, { clock }), more]
  const editor = openEditor(ytext, { clock, extensions })
  Object.defineProperty(editor.view.scrollDOM, 'clientWidth', { value: 1_000, writable: true })
  return { ...editor, presence }
}

/** What somebody publishes whose ranges are these. */
export function placed(ytext: Y.Text, ...ranges: [number, number][]) {
  const json = (index: number): unknown =>
    Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(ytext, index))
  const text = (index: number): string => {
    const { item } = Y.createRelativePositionFromTypeIndex(ytext, index)
    return item === null ? 'end' : `${item.client}.${item.clock}`
  }
  const [main = [0, 0], ...further] = ranges
  return {
    cursor: { anchor: json(main[0]), head: json(main[1]) },
    ranges: further.map(([anchor, head]) =>
      anchor === head ? text(head) : `${text(anchor)}-${text(head)}`,
    ),
    focused: true,
  }
}

export interface DrawnCaret {
  readonly name: string
  readonly column: number
  readonly row: number
  readonly flags: readonly string[]
  readonly hue: string
}

/** The carets that are drawn, once everything due has happened. */
export async function carets(editor: CursorEditor, ms = 50): Promise<DrawnCaret[]> {
  editor.clock.advance(ms)
  await drawn(editor.view)
  const elements = editor.view.dom.querySelectorAll<HTMLElement>('.cm-coscribeCaret')
  return [...elements].map((element) => ({
    name: element.textContent ?? '',
    column: Number.parseFloat(element.style.left) / CHARACTER_PX,
    row: Number.parseFloat(element.style.top) / LINE_PX,
    flags: [...element.classList].slice(1).map((name) => name.replace('cm-coscribeCaret-', '')),
    hue: element.style.getPropertyValue('--coscribe-hue'),
  }))
}

/** The columns of all carets that are drawn. */
export async function columns(editor: CursorEditor): Promise<number[]> {
  return (await carets(editor)).map(({ column }) => column)
}

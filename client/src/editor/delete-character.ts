import { EditorSelection, findClusterBreak, type EditorState } from '@codemirror/state'
import { EditorView, type Command } from '@codemirror/view'

/** Deletes the selection, or the character before the caret as people see it. */
export const deleteBackward: Command = (view) => deleteFrom(view, 'backward')

/** Deletes the selection, or the character after the caret. */
export const deleteForward: Command = (view) => deleteFrom(view, 'forward')

type Direction = 'backward' | 'forward'

/**
 * CodeMirror's own commands also know units of indentation, and with them comes a parser. Ranges that the view takes as
 * one are deleted as one here too.
 */
function deleteFrom(view: EditorView, direction: Direction): boolean {
  const { state } = view
  if (state.readOnly) return false
  const hadSelection = state.selection.ranges.some(({ empty }) => !empty)
  const changes = state.changeByRange((range) => {
    const other = range.empty ? besides(state, range.head, direction) : range.anchor
    const from = whole(view, Math.min(range.head, other), 'backward')
    const to = whole(view, Math.max(range.head, other), 'forward')
    if (from === to) return { range }
    const side = from < range.head ? -1 : 1
    return { changes: { from, to }, range: EditorSelection.cursor(from, side) }
  })
  if (changes.changes.empty) return false
  view.dispatch(changes, {
    scrollIntoView: true,
    userEvent: hadSelection ? 'delete.selection' : `delete.${direction}`,
    effects: hadSelection ? EditorView.announce.of(state.phrase('Selection deleted')) : [],
  })
  return true
}

/** The other side of the character beside `at`. */
function besides(state: EditorState, at: number, direction: Direction): number {
  const line = state.doc.lineAt(at)
  const isForward = direction === 'forward'
  const inLine = at - line.from
  const found = findClusterBreak(line.text, inLine, isForward, isForward)
  if (found === inLine) return isForward ? Math.min(at + 1, state.doc.length) : Math.max(at - 1, 0)
  // A mark that only says how the character before it is drawn is no character to people.
  const isMark = !isForward && /^[\ufe00-\ufe0f]+$/.test(line.text.slice(found, inLine))
  return line.from + (isMark ? findClusterBreak(line.text, found, false, false) : found)
}

/** `at`, or the end of what it is inside of and cannot be divided. */
function whole(view: EditorView, at: number, direction: Direction): number {
  let position = at
  for (const atoms of view.state.facet(EditorView.atomicRanges)) {
    atoms(view).between(position, position, (from, to) => {
      if (from < position && to > position) position = direction === 'forward' ? to : from
    })
  }
  return position
}

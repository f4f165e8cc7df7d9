import type { EditorState, Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'

/**
 * Types over a selection of several lines. A browser that does so itself joins what is left of them with style
 * attributes, and a strict content security policy reports each.
 */
export const typeOver: Extension = EditorView.domEventHandlers({ beforeinput: replaceLines })

function replaceLines(event: InputEvent, view: EditorView): boolean {
  const { state } = view
  const text = event.inputType === 'insertText' ? event.data : null
  // What an input method composes cannot be taken from it.
  if (text === null || event.isComposing || !event.cancelable) return false
  if (state.readOnly || !spansLines(state)) return false
  const insert = () =>
    state.update(state.replaceSelection(text), { userEvent: 'input.type', scrollIntoView: true })
  const { from, to } = state.selection.main
  const handlers = state.facet(EditorView.inputHandler)
  if (!handlers.some((handle) => handle(view, from, to, text, insert))) view.dispatch(insert())
  return true
}

function spansLines({ doc, selection }: EditorState): boolean {
  return selection.ranges.some(({ from, to }) => doc.lineAt(from).to < to)
}

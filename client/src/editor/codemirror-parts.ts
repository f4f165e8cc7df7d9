// What extensions are written with, of the copy of CodeMirror that this file's editors are made of: what was made with
// another copy is no extension to them.
export {
  Compartment,
  EditorSelection,
  EditorState,
  Facet,
  Prec,
  StateEffect,
  StateField,
} from '@codemirror/state'
export { Decoration, EditorView, keymap, ViewPlugin, WidgetType } from '@codemirror/view'

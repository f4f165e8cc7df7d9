import {
  Compartment,
  EditorSelection,
  EditorState,
  Facet,
  Prec,
  StateEffect,
  StateField,
} from '@codemirror/state'
import { Decoration, EditorView, keymap, ViewPlugin, WidgetType } from '@codemirror/view'

/**
 * What extensions are written with, of the copy of CodeMirror that this file's editors are made of: what was made with
 * another copy is no extension to them.
 */
export const codemirror = {
  Compartment,
  EditorSelection,
  EditorState,
  Facet,
  Prec,
  StateEffect,
  StateField,
  Decoration,
  EditorView,
  keymap,
  ViewPlugin,
  WidgetType,
} as const

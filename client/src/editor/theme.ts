import type { Extension } from '@codemirror/state'
import { EditorView } from 'codemirror'

/**
 * The editor's look from a few custom properties, which anybody may set on the element or above it:
 * `--coscribe-font`, `--coscribe-font-size`, `--coscribe-line-height`, `--coscribe-measure`, `--coscribe-ink`,
 * `--coscribe-dim`, `--coscribe-accent`, `--coscribe-selection`, `--coscribe-padding`.
 */
export const editorTheme: Extension = EditorView.theme({
  '&': {
    height: '100%',
    color: 'var(--coscribe-ink, light-dark(#1c1d1f, #e4e3df))',
    backgroundColor: 'transparent',
    fontSize: 'var(--coscribe-font-size, 1rem)',
  },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    fontFamily: 'var(--coscribe-font, ui-monospace, "SF Mono", "Cascadia Code", Menlo, monospace)',
    lineHeight: 'var(--coscribe-line-height, 1.6)',
    overflow: 'auto',
  },
  '.cm-content': {
    boxSizing: 'border-box',
    minHeight: 'var(--coscribe-min-height, 0)',
    maxWidth: 'var(--coscribe-measure, none)',
    padding: 'var(--coscribe-padding, 8px 0)',
    caretColor: 'var(--coscribe-accent, light-dark(#0b6e5f, #5ec8b3))',
  },
  '.cm-line': { padding: '0 var(--coscribe-line-padding, 8px)' },
  '.cm-cursor': {
    borderLeft: '2px solid var(--coscribe-accent, light-dark(#0b6e5f, #5ec8b3))',
    marginLeft: '-1px',
  },
  '.cm-placeholder': { color: 'var(--coscribe-dim, light-dark(#686b70, #9b9a95))' },
  // Two selectors: with focus CodeMirror's own rule is the more specific one.
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground':
    {
      backgroundColor: 'var(--coscribe-selection, light-dark(#0b6e5f2e, #5ec8b33d))',
    },
  '@media (forced-colors: active)': {
    '.cm-cursor': { borderLeftColor: 'CanvasText' },
  },
})

/** `auto` follows the page. */
export type EditorTheme = 'light' | 'dark' | 'auto'

export const colorSchemes: Readonly<Record<EditorTheme, Extension>> = {
  auto: [],
  light: EditorView.theme({ '&': { colorScheme: 'light' } }),
  dark: EditorView.theme({ '&': { colorScheme: 'dark' } }, { dark: true }),
}

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

const light: Extension = EditorView.theme({ '&': { colorScheme: 'light' } })
const dark: Extension = EditorView.theme({ '&': { colorScheme: 'dark' } }, { dark: true })
/** Colours follow the page by themselves; what is not a colour has to be told. */
const darkPage: Extension = EditorView.theme({}, { dark: true })

/** The extension that shows a theme at a place in a page. */
export function themeAt(place: HTMLElement, theme: EditorTheme): Extension {
  if (theme === 'light') return light
  if (theme === 'dark') return dark
  return isDark(place) ? darkPage : []
}

/** Which half of `light-dark()` is in use there; only the browser knows, from everything around. */
export function isDark(place: HTMLElement): boolean {
  const { color } = place.style
  place.style.color = 'light-dark(rgb(0, 0, 0), rgb(1, 1, 1))'
  const used = getComputedStyle(place).color
  place.style.color = color
  return used === 'rgb(1, 1, 1)'
}

/** Calls `changed` when the system turns dark or light, until the returned function is called. */
export function onSystemTheme(changed: () => void): () => void {
  const query = matchMedia('(prefers-color-scheme: dark)')
  query.addEventListener('change', changed)
  return () => query.removeEventListener('change', changed)
}

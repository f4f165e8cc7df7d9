import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { look } from './look.js'

/**
 * The text's look, from what is set on the element or above it. Beside the properties of `look` these fit it into a
 * page: `--coscribe-line-height`, `--coscribe-measure`, `--coscribe-min-height`, `--coscribe-padding` and
 * `--coscribe-line-padding`.
 */
export const editorTheme: Extension = EditorView.theme({
  '&': {
    height: '100%',
    minHeight: '0',
    color: look.fg,
    backgroundColor: 'transparent',
    fontSize: look.fontSize,
  },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    fontFamily: look.font,
    lineHeight: 'var(--coscribe-line-height, 1.6)',
    overflow: 'auto',
  },
  '.cm-content': {
    boxSizing: 'border-box',
    minHeight: 'var(--coscribe-min-height, 0)',
    maxWidth: 'var(--coscribe-measure, none)',
    padding: 'var(--coscribe-padding, 8px 0)',
    caretColor: look.accent,
  },
  '.cm-line': { padding: '0 var(--coscribe-line-padding, 8px)' },
  '.cm-cursor': {
    borderLeft: `2px solid ${look.accent}`,
    marginLeft: '-1px',
  },
  '.cm-placeholder': { color: look.dim },
  // Two selectors: with focus CodeMirror's own rule is the more specific one.
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground':
    {
      backgroundColor: look.selection,
    },
  '.cm-gutters': {
    color: look.dim,
    backgroundColor: 'transparent',
    border: 'none',
  },
  '@media (prefers-reduced-motion: reduce)': {
    // CodeMirror begins it anew, on the element itself, with each step of the caret.
    '.cm-cursorLayer': { animation: 'none !important' },
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

import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'

const ink = 'var(--coscribe-fg, light-dark(#1c1d1f, #e4e3df))'
const dim = 'var(--coscribe-dim, light-dark(#64666b, #a09e98))'
const accent = 'var(--coscribe-accent, light-dark(#0a6b5c, #62cdb8))'
const raised = 'var(--coscribe-raised, light-dark(#ffffff, #202225))'
const danger = 'var(--coscribe-danger, light-dark(#b3261e, #f28b82))'
const tint = (share: number): string => `color-mix(in oklab, ${raised}, ${ink} ${share}%)`

/** How the panel and the matches look; from the editor's own custom properties. */
export const findTheme: Extension = EditorView.theme({
  '.cm-panels': { backgroundColor: 'transparent', color: ink },
  '.cm-panels-top': { borderBottom: 'none', top: 'var(--coscribe-panel-top, 0)' },
  '.cm-coscribeFind': {
    display: 'grid',
    gap: '6px',
    margin: '0 0 8px',
    padding: '8px',
    border: `1px solid ${tint(14)}`,
    borderRadius: '10px',
    backgroundColor: raised,
    boxShadow: '0 6px 20px rgb(0 0 0 / 14%)',
    font: '0.875rem/1.4 system-ui, sans-serif',
  },
  '.cm-coscribeFind > div': {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: '4px',
  },
  '.cm-coscribeFind input': {
    flex: '1 1 5rem',
    minWidth: '0',
    minHeight: '32px',
    boxSizing: 'border-box',
    padding: '4px 10px',
    border: `1px solid ${dim}`,
    borderRadius: '8px',
    backgroundColor: 'transparent',
    color: 'inherit',
    // Smaller letters make phones zoom in.
    font: '1rem system-ui, sans-serif',
  },
  '.cm-coscribeFind input[aria-invalid=true]': { borderColor: danger },
  '.cm-coscribeFind output': {
    flex: '0 0 auto',
    minWidth: '4.5rem',
    padding: '0 4px',
    color: dim,
    fontVariantNumeric: 'tabular-nums',
    textAlign: 'end',
  },
  '.cm-coscribeFind button': {
    display: 'inline-flex',
    alignItems: 'center',
    justifyContent: 'center',
    minWidth: '32px',
    minHeight: '32px',
    padding: '0 6px',
    border: '1px solid transparent',
    borderRadius: '8px',
    backgroundColor: 'transparent',
    color: 'inherit',
    font: 'inherit',
    whiteSpace: 'nowrap',
    cursor: 'pointer',
  },
  '.cm-coscribeFind button:hover': { backgroundColor: tint(8) },
  '.cm-coscribeFind button[aria-pressed=true]': {
    borderColor: accent,
    color: accent,
    backgroundColor: tint(6),
  },
  '.cm-coscribeFind svg': {
    width: '18px',
    height: '18px',
    fill: 'none',
    stroke: 'currentColor',
    strokeWidth: '1.5',
    strokeLinecap: 'round',
    strokeLinejoin: 'round',
  },
  '.cm-coscribeFind :focus-visible': { outline: `2px solid ${accent}`, outlineOffset: '1px' },
  '.cm-searchMatch': {
    backgroundColor: 'light-dark(#f3c94b66, #b98a1c66)',
    borderRadius: '2px',
  },
  '.cm-searchMatch-selected': {
    backgroundColor: 'light-dark(#f3a93bb3, #d9902299)',
    outline: `1px solid ${ink}`,
  },
  '@media (forced-colors: active)': {
    '.cm-coscribeFind button': { borderColor: 'ButtonText' },
    '.cm-coscribeFind button[aria-pressed=true]': { borderColor: 'Highlight', borderWidth: '2px' },
    '.cm-searchMatch': { outline: '1px dashed CanvasText' },
    '.cm-searchMatch-selected': { outline: '2px solid Highlight' },
  },
})

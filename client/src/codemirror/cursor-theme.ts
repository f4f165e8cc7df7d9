import { EditorView } from '@codemirror/view'

/** One hue in the lightness that suits the background; both give white or black labels a contrast of 4.5 and more. */
export function color(lightness: number, alpha = 1): string {
  const hue = 'calc(var(--coscribe-hue, 0) * 22.5)'
  return `oklch(var(--coscribe-cursor-lightness, ${lightness}) var(--coscribe-cursor-chroma, 0.13) ${hue} / ${alpha})`
}

/**
 * How cursors look. To be overridden by `--coscribe-cursor-lightness`, `--coscribe-cursor-chroma` and
 * `--coscribe-cursor-text`, on the editor or anything around it.
 */
export const cursorTheme = EditorView.baseTheme({
  '.cm-coscribeCarets, .cm-coscribeSelections': { pointerEvents: 'none' },
  '.cm-coscribeCaret': {
    // A border, because forced colours keep borders and drop backgrounds.
    borderInlineStart: '2px solid',
    marginInlineStart: '-1px',
    boxSizing: 'border-box',
  },
  '&light .cm-coscribeCaret': { borderColor: color(0.52), color: color(0.52) },
  '&dark .cm-coscribeCaret': { borderColor: color(0.72), color: color(0.72) },
  '&light .cm-coscribeSelection': { backgroundColor: color(0.52, 0.22) },
  '&dark .cm-coscribeSelection': { backgroundColor: color(0.72, 0.3) },
  '.cm-coscribeCaret-blurred': { opacity: '0.4' },
  '.cm-coscribeCaret-flash': { opacity: '1', animation: 'cm-coscribeFlash 0.5s 3' },
  '@keyframes cm-coscribeFlash': {
    '0%, 100%': { boxShadow: '0 0 0 0 currentColor' },
    '50%': { boxShadow: '0 0 0 6px color-mix(in oklab, currentColor 30%, transparent)' },
  },
  '.cm-coscribeCaretLabel': {
    position: 'absolute',
    insetInlineStart: '-2px',
    bottom: '100%',
    padding: '0 4px',
    border: '1px solid transparent',
    borderRadius: '3px 3px 3px 0',
    font: '500 11px/16px system-ui, sans-serif',
    unicodeBidi: 'isolate',
    whiteSpace: 'pre',
    opacity: '0',
    transition: 'opacity 140ms ease-out',
  },
  '&light .cm-coscribeCaretLabel': {
    backgroundColor: color(0.52),
    color: 'var(--coscribe-cursor-text, white)',
  },
  '&dark .cm-coscribeCaretLabel': {
    backgroundColor: color(0.72),
    color: 'var(--coscribe-cursor-text, black)',
  },
  '.cm-coscribeCaret-named .cm-coscribeCaretLabel': { opacity: '1' },
  '.cm-coscribeCaret-below .cm-coscribeCaretLabel': {
    bottom: 'auto',
    top: '100%',
    borderRadius: '0 3px 3px 3px',
  },
  '.cm-coscribeCaret-left .cm-coscribeCaretLabel': {
    insetInlineStart: 'auto',
    insetInlineEnd: '0',
  },
  '@media (prefers-reduced-motion: reduce)': {
    '.cm-coscribeCaretLabel': { transition: 'none' },
    '.cm-coscribeCaret-flash': { animation: 'none' },
  },
  '@media (forced-colors: active)': {
    '.cm-coscribeSelection': { outline: '1px solid Highlight', backgroundColor: 'transparent' },
  },
})

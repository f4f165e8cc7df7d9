import { EditorView } from '@codemirror/view'
import { color } from './cursor-theme.js'

/** How the frame around somebody who is followed looks: in their hue, like their caret. */
export const followTheme = EditorView.baseTheme({
  '.cm-coscribeFrame': {
    position: 'absolute',
    inset: 'var(--coscribe-frame-inset, 0)',
    border: '2px solid',
    borderRadius: 'var(--coscribe-frame-radius, 4px)',
    pointerEvents: 'none',
  },
  '.cm-coscribeFollowed': {
    position: 'absolute',
    insetBlockStart: '-2px',
    insetInlineEnd: '24px',
    display: 'flex',
    alignItems: 'center',
    gap: '8px',
    maxWidth: 'calc(100% - 48px)',
    padding: '2px 4px 2px 10px',
    border: '1px solid transparent',
    borderRadius: '0 0 6px 6px',
    font: '500 12px/20px system-ui, sans-serif',
    pointerEvents: 'auto',
  },
  '.cm-coscribeFollowed span': {
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    unicodeBidi: 'isolate',
  },
  '.cm-coscribeFollowed button': {
    flex: 'none',
    minHeight: '24px',
    padding: '0 8px',
    border: '1px solid currentColor',
    borderRadius: '4px',
    background: 'transparent',
    color: 'inherit',
    font: 'inherit',
    cursor: 'pointer',
  },
  '.cm-coscribeFollowed button:focus-visible': {
    outline: '2px solid currentColor',
    outlineOffset: '1px',
  },
  '&light .cm-coscribeFrame': { borderColor: color(0.52) },
  '&dark .cm-coscribeFrame': { borderColor: color(0.72) },
  '&light .cm-coscribeFollowed': {
    backgroundColor: color(0.52),
    color: 'var(--coscribe-cursor-text, white)',
  },
  '&dark .cm-coscribeFollowed': {
    backgroundColor: color(0.72),
    color: 'var(--coscribe-cursor-text, black)',
  },
  '@media (forced-colors: active)': {
    '.cm-coscribeFollowed': { backgroundColor: 'Canvas', border: '1px solid CanvasText' },
  },
})

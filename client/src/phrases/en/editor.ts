import { find } from './find.js'

/** The text field, and what CodeMirror says itself. */
export const editor = {
  label: 'Text',
  /** By CodeMirror's own English words; `$` stands for what it puts in. */
  codeMirror: {
    'Control character': 'Control character',
    'Selection deleted': 'Selection deleted',
    close: 'close',
    ...find,
  },
}

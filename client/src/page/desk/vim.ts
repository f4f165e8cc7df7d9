import { Prec, type Extension } from '@codemirror/state'
import { CodeMirror, vim } from '@replit/codemirror-vim'
import { redo, undo } from '../../codemirror/index.js'

// Its own ones are for CodeMirror's history, which would undo what others wrote.
const commands = CodeMirror.commands as Record<string, (editor: CodeMirror) => unknown>
commands['undo'] = ({ cm6 }) => undo(cm6)
commands['redo'] = ({ cm6 }) => redo(cm6)

/** Vim's modes and keys. */
export const vimKeys: Extension = Prec.highest(vim({ status: true }))

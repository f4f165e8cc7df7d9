import { Prec, type Extension } from '@codemirror/state'
import { emacs, EmacsHandler } from '@replit/codemirror-emacs'
import { redo, undo } from '../../codemirror/index.js'
import { find } from '../../editor/find/find.js'

// Its own ones are for CodeMirror's history, which would undo what others wrote.
EmacsHandler.bindKey('C-/|C-x u|S-C--|C-z', undo)
EmacsHandler.bindKey('S-C-/|S-C-x u|C--|S-C-z', redo)

interface Command {
  exec(handler: EmacsHandler): void
}

const { yankRotate } = EmacsHandler.commands as { readonly yankRotate: Command }
EmacsHandler.addCommands({
  yankRotate: {
    ...yankRotate,
    exec(handler: EmacsHandler): void {
      if (handler.$data.lastCommand === 'yank') undo(handler.view)
      yankRotate.exec(handler)
    },
  },
})

/** Emacs' keys, and the panel that C-s opens. */
export const emacsKeys: Extension = [Prec.highest(emacs()), find]

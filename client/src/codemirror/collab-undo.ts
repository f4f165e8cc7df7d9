import { Prec, type Extension } from '@codemirror/state'
import { EditorView, keymap, ViewPlugin, type Command } from '@codemirror/view'
import { systemClock, type Clock } from '@coscribe/shared'
import { beforeWrite, bindingOf, boundText } from './collab-text.js'
import { UndoHistory, type UndoDepth } from './undo-history.js'

/** Options of {@link collabUndo}. */
export interface CollabUndoOptions {
  /** Time; the machine's own by default. */
  readonly clock?: Clock
  /** Told whenever there begins or ceases to be something to undo or redo; for buttons. */
  readonly onChange?: (depth: UndoDepth, view: EditorView) => void
}

interface UndoConfig {
  readonly clock: Clock
  readonly onChange: CollabUndoOptions['onChange']
}

const undoPlugin = ViewPlugin.define((view: EditorView, config: UndoConfig) => {
  const ytext = view.state.facet(boundText)
  const binding = bindingOf(view)
  if (ytext === null || binding === null)
    throw new TypeError(
      'collabUndo() needs collabText(text) among the extensions of the same editor',
    )
  return new UndoHistory(view, { ytext, binding, ...config })
})

/**
 * Undo and redo of what was written in this view, and of nothing that others wrote. Goes with `collabText`; its
 * history ends with the view.
 *
 * What is typed without a pause of 500 ms is one step; a paste, a cut and a drop are steps of their own, and moving
 * the caret begins a new one. Undoing selects what was selected, and scrolls there.
 */
export function collabUndo(options: CollabUndoOptions = {}): Extension {
  const { clock = systemClock, onChange } = options
  return [
    undoPlugin.of({ clock, onChange }),
    beforeWrite.of((transaction, view) => view.plugin(undoPlugin)?.beforeWrite(transaction)),
    Prec.high(keymap.of(undoKeys)),
    EditorView.domEventHandlers({ beforeinput: undoByMenu }),
  ]
}

/** Undoes the last step of this view's user. */
export const undo: Command = (view) => {
  return !view.state.readOnly && (view.plugin(undoPlugin)?.step('undo') ?? false)
}

/** Redoes the step that was undone last, if nothing was written since. */
export const redo: Command = (view) => {
  return !view.state.readOnly && (view.plugin(undoPlugin)?.step('redo') ?? false)
}

/** Whether there is something to undo and redo. */
export function undoDepth(view: EditorView): UndoDepth {
  return view.plugin(undoPlugin)?.depth ?? { canUndo: false, canRedo: false }
}

// `preventDefault`, because the browser's own history would change what is on the page behind our back.
const undoKeys = [
  { key: 'Mod-z', run: undo, preventDefault: true },
  { key: 'Mod-y', mac: 'Mod-Shift-z', run: redo, preventDefault: true },
  { linux: 'Ctrl-Shift-z', win: 'Ctrl-Shift-z', run: redo, preventDefault: true },
]

/** Undo from a context menu, a phone's shake or a keyboard's own key. */
function undoByMenu(event: InputEvent, view: EditorView): boolean {
  if (event.inputType !== 'historyUndo' && event.inputType !== 'historyRedo') return false
  event.preventDefault()
  return event.inputType === 'historyUndo' ? undo(view) : redo(view)
}

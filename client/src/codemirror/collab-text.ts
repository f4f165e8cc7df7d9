import {
  EditorState,
  Facet,
  Prec,
  type Extension,
  type Transaction,
  type TransactionSpec,
} from '@codemirror/state'
import { EditorView, highlightSpecialChars, ViewPlugin } from '@codemirror/view'
import { systemClock, type Clock } from '@coscribe/shared'
import * as Y from 'yjs'
import { checkYjs } from '../mistakes.js'
import { repairsAfter } from './repairs.js'
import { TextBinding, type Drift } from './text-binding.js'

/** Options of {@link collabText}. */
export interface CollabTextOptions {
  /** Time; the machine's own by default. */
  readonly clock?: Clock
  /** Told when the view did not show what the document says, before it is put right. */
  readonly onDrift?: (drift: Drift) => void
}

/** The shared text that a state is bound to, or `null`. */
export const boundText = Facet.define<Y.Text, Y.Text | null>({
  combine: (values) => values[0] ?? null,
})

/** Called with each change of the user before it is written to the document. */
export const beforeWrite = Facet.define<(transaction: Transaction, view: EditorView) => void>()

const bindingPlugin = ViewPlugin.define((view: EditorView, config: BindingConfig) => {
  const notify = (transaction: Transaction): void => {
    for (const listener of transaction.startState.facet(beforeWrite)) listener(transaction, view)
  }
  return new TextBinding(view, { ...config, beforeWrite: notify })
})

interface BindingConfig {
  readonly ytext: Y.Text
  readonly clock: Clock
  readonly onDrift: ((drift: Drift) => void) | undefined
}

/** The binding of this view, or `null` where {@link collabText} is not among its extensions. */
export function bindingOf(view: EditorView): TextBinding | null {
  return view.plugin(bindingPlugin)
}

/**
 * Binds an editor to a shared text: what is written in either appears in the other, and the shared text wins.
 *
 * Begin with `doc: editorText(ytext)`; otherwise the text appears a moment after the view. Inside there are only LF
 * line ends and whole characters, whatever is pasted; what somebody put into the text that is not text shows as one
 * placeholder character. Changes that come from the document pass every filter, and carry `Transaction.remote`.
 *
 * Use it with {@link collabUndo}, and not with the `history` of CodeMirror, which would undo what others wrote.
 *
 * @param ytext a text that is part of a document
 * @throws TypeError for anything else, also a text of another copy of yjs
 */
export function collabText(ytext: Y.Text, options: CollabTextOptions = {}): Extension {
  checkYjs('collabText(text): text', ytext, Y.Text)
  const { clock = systemClock, onDrift } = options
  return [
    // A carriage return from elsewhere has to be a character like any other, or positions would differ.
    Prec.highest(EditorState.lineSeparator.of('\n')),
    highlightSpecialChars(),
    boundText.of(ytext),
    Prec.highest(EditorState.transactionFilter.of(mend)),
    bindingPlugin.of({ ytext, clock, onDrift }),
    Prec.highest(EditorView.updateListener.of(({ view }) => bindingOf(view)?.catchUp())),
  ]
}

/** Mends a change before it is shown. One that passes no filters is mended when it is written. */
function mend(transaction: Transaction): TransactionSpec | readonly TransactionSpec[] {
  if (!transaction.docChanged) return transaction
  const changes = repairsAfter(transaction.changes, transaction.newDoc)
  return changes.length === 0 ? transaction : [transaction, { changes, sequential: true }]
}

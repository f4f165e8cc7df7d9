import { EditorState, type EditorSelection, type Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { collabText, collabUndo, editorText } from '@coscribe/client/codemirror'
import { onTestFinished } from 'vitest'
import * as Y from 'yjs'
import { ManualClock } from './manual-clock.js'

/** What an editor has to show of a text, found out with nothing but what Yjs publishes. */
export function shownText(ytext: Y.Text): string {
  const delta = ytext.toDelta() as { insert: unknown }[]
  return delta.map(({ insert }) => (typeof insert === 'string' ? insert : '\ufffc')).join('')
}

/** A view on a shared text, with everything that is usually there. */
export interface BoundEditor {
  readonly view: EditorView
  readonly ytext: Y.Text
  readonly clock: ManualClock
}

/** How the parts of an editor may be replaced. */
export interface EditorOptions {
  readonly extensions?: Extension
  readonly clock?: ManualClock
  /** The text to begin with; that of `ytext` by default. */
  readonly doc?: string
}

/** The extensions of {@link openEditor}. */
export function collab(ytext: Y.Text, clock: ManualClock): Extension {
  return [collabText(ytext, { clock }), collabUndo({ clock })]
}

/** Opens a view that is closed when the test is over. */
export function openEditor(ytext: Y.Text, options: EditorOptions = {}): BoundEditor {
  const { clock = new ManualClock(), extensions = [], doc = editorText(ytext) } = options
  const state = EditorState.create({
    doc,
    extensions: [EditorState.allowMultipleSelections.of(true), extensions, collab(ytext, clock)],
  })
  const view = new EditorView({ state, parent: document.body })
  onTestFinished(() => view.destroy())
  return { view, ytext, clock }
}

/** The text that a view holds. */
export function viewText(view: EditorView): string {
  return view.state.doc.toString()
}

/** Types `text` at the selection, as a keyboard would. */
export function type(view: EditorView, text: string): void {
  view.dispatch(view.state.replaceSelection(text), { userEvent: 'input.type' })
}

/** Moves the caret, or selects. */
export function select(view: EditorView, anchor: number, head = anchor): void {
  view.dispatch({ selection: { anchor, head } })
}

/** Whether every range is inside the text. */
export function selectionInside(selection: EditorSelection, length: number): boolean {
  return selection.ranges.every(({ from, to }) => from >= 0 && to <= length)
}

/** Everything that was promised for the end of this turn has happened. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 4; i++) await Promise.resolve()
}

/** Two documents that hear of each other's edits at once. */
export function pairOfTexts(initial = ''): { here: Y.Text; there: Y.Text } {
  const [here, there] = [new Y.Doc(), new Y.Doc()]
  for (const [from, to] of [
    [here, there],
    [there, here],
  ] as const) {
    from.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'wire') Y.applyUpdate(to, update, 'wire')
    })
  }
  here.getText('content').insert(0, initial)
  return { here: here.getText('content'), there: there.getText('content') }
}

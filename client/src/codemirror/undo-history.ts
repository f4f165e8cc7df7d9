import type { Transaction } from '@codemirror/state'
import { logException, type EditorView, type PluginValue, type ViewUpdate } from '@codemirror/view'
import type { Clock } from '@coscribe/shared'
import * as Y from 'yjs'
import { resolveSelection, selectionIn, type SharedSelection } from './shared-selection.js'
import type { TextBinding } from './text-binding.js'
import { UndoSteps } from './undo-steps.js'

/** Whether there is something to undo and redo. */
export interface UndoDepth {
  readonly canUndo: boolean
  readonly canRedo: boolean
}

export interface UndoHistoryOptions {
  readonly ytext: Y.Text
  /** Whose changes are undone. */
  readonly binding: TextBinding
  readonly clock: Clock
  readonly onChange: ((depth: UndoDepth, view: EditorView) => void) | undefined
}

/** Steps that are kept; the oldest go first. */
const MAX_STEPS = 1_000
/** Under which name a step holds the selection to return to. */
const SELECTION = 'selection'

/** What one view's user can undo. */
export class UndoHistory implements PluginValue {
  readonly #view: EditorView
  readonly #options: UndoHistoryOptions
  readonly #manager: Y.UndoManager
  readonly #steps: UndoSteps
  /** The selection to return to, if the next change begins a step. */
  #selection: SharedSelection | null = null
  #depth: UndoDepth = { canUndo: false, canRedo: false }

  constructor(view: EditorView, options: UndoHistoryOptions) {
    this.#view = view
    this.#options = options
    this.#steps = new UndoSteps(options.clock)
    this.#manager = new Y.UndoManager(options.ytext, {
      trackedOrigins: new Set([options.binding]),
      // Where a step ends is decided here.
      captureTimeout: Number.MAX_SAFE_INTEGER,
    })
    this.#manager.on('stack-item-added', ({ stackItem, type }) => {
      stackItem.meta.set(SELECTION, this.#selection)
      if (type === 'undo') this.#forgetOldest()
      this.#noticeDepth()
    })
    this.#manager.on('stack-item-popped', () => this.#noticeDepth())
    this.#manager.on('stack-cleared', () => this.#noticeDepth())
  }

  get depth(): UndoDepth {
    return this.#depth
  }

  /** A change is about to be written. */
  beforeWrite(transaction: Transaction): void {
    if (!this.#steps.begins(transaction)) return
    this.#manager.stopCapturing()
    this.#selection = selectionIn(this.#options.ytext, transaction.startState.selection)
  }

  update(update: ViewUpdate): void {
    if (update.selectionSet && !update.docChanged) this.#steps.end()
  }

  /** Undoes or redoes one step, and shows where. Returns whether there was one. */
  step(direction: 'undo' | 'redo'): boolean {
    const { state } = this.#view
    this.#steps.end()
    this.#manager.stopCapturing()
    // The step that this makes, in the opposite direction, leads back to here.
    this.#selection = selectionIn(this.#options.ytext, state.selection)
    const done = this.#options.binding.showingAs(direction, () => this.#manager[direction]())
    if (done === null) return false
    this.#select(done.meta.get(SELECTION) as SharedSelection | null, `select.${direction}`)
    return true
  }

  destroy(): void {
    this.#manager.destroy()
  }

  #select(shared: SharedSelection | null, userEvent: string): void {
    const selection = shared === null ? null : resolveSelection(this.#options.ytext, shared)
    const { length } = this.#view.state.doc
    const fits = selection?.ranges.every((range) => range.to <= length) ?? false
    this.#view.dispatch({
      ...(selection !== null && fits ? { selection } : {}),
      scrollIntoView: true,
      userEvent,
    })
  }

  #noticeDepth(): void {
    const canUndo = this.#manager.canUndo()
    const canRedo = this.#manager.canRedo()
    if (canUndo === this.#depth.canUndo && canRedo === this.#depth.canRedo) return
    this.#depth = { canUndo, canRedo }
    // Never in the midst of an update: a listener may want to dispatch.
    queueMicrotask(() => this.#tellDepth())
  }

  #tellDepth(): void {
    try {
      this.#options.onChange?.(this.#depth, this.#view)
    } catch (error) {
      logException(this.#view.state, error, 'onChange of collabUndo')
    }
  }

  #forgetOldest(): void {
    const { undoStack, doc } = this.#manager
    if (undoStack.length <= MAX_STEPS) return
    const step = undoStack.shift()
    if (step === undefined) return
    // What was deleted in it is not needed any more; Yjs may drop its content at the next opportunity.
    doc.transact((transaction) => {
      Y.iterateDeletedStructs(transaction, step.deletions, (struct) => {
        if (struct instanceof Y.Item) struct.keep = false
      })
    })
  }
}

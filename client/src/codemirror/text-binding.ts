import { Annotation, ChangeSet, Transaction, type Text } from '@codemirror/state'
import { logException, type EditorView, type PluginValue, type ViewUpdate } from '@codemirror/view'
import type { Cancel, Clock } from '@coscribe/shared'
import * as Y from 'yjs'
import { CompositionHold } from './composition-hold.js'
import { straightSelection } from './map-range.js'
import { repairsAfter } from './repairs.js'
import { changesOf, editorText } from './shared-text.js'
import { difference } from './text-difference.js'
import { writeChanges } from './text-writer.js'

/** An editor that did not show what the document says. It was put right from the document. */
export interface Drift {
  /** What the editor showed; what only it had is nowhere else. */
  readonly viewText: string
  readonly documentText: string
}

/** What a binding is made of. */
export interface BindingOptions {
  readonly ytext: Y.Text
  readonly clock: Clock
  readonly onDrift: ((drift: Drift) => void) | undefined
  /** Called before a change of the user is written to the document. */
  readonly beforeWrite: (transaction: Transaction, view: EditorView) => void
}

/** Marks the transactions in which an editor takes over what the document has; its value is the binding. */
const fromDocument = Annotation.define<TextBinding>()

/** The whole texts are compared after a second without changes, and every half minute if there is none. */
const COMPARE_AFTER_IDLE_MS = 1_000
const COMPARE_AFTER_MS = 30_000

/**
 * Keeps one view and one shared text equal. The document is the truth.
 *
 * Views cannot be changed at any time: not while they are constructed, and not while they update. So what the
 * document has and the view has not yet is kept as `#lacking`, changes that start from the view's text; it also waits
 * there while an input method must not be disturbed:
 *
 *     view text --#lacking--> document text
 *
 * A change in the document is composed onto it, and shown at once if possible. A change in the view is mapped over it
 * and written, and it is mapped over the change. Where nobody can say what happened (`#uncertain`: transactions within
 * transactions) the texts are compared when everything is over.
 *
 * The binding is the origin of its Yjs transactions.
 */
export class TextBinding implements PluginValue {
  readonly #view: EditorView
  readonly #options: BindingOptions
  readonly #ytext: Y.Text
  readonly #ydoc: Y.Doc
  readonly #hold: CompositionHold
  /** The view's text, as far as this binding has seen it. */
  #shown: Text
  #lacking: ChangeSet | null
  /** `#lacking`, while it is being dispatched. */
  #showing: ChangeSet | null = null
  /** What the user does, when that is what the document's changes come from. */
  #userEvent: string | null = null
  #uncertain = false
  #updating = false
  #destroyed = false
  #retried = false
  #changedAt: number
  #comparedAt: number
  #cancelComparison: Cancel | null = null

  constructor(view: EditorView, options: BindingOptions) {
    const { ytext, clock } = options
    if (ytext.doc === null)
      throw new TypeError(
        'the shared text is not part of a document: take it from one, as in ydoc.getText(name)',
      )
    this.#view = view
    this.#options = options
    this.#ytext = ytext
    this.#ydoc = ytext.doc
    this.#hold = new CompositionHold(view, clock, () => this.catchUp())
    this.#shown = view.state.doc
    this.#changedAt = this.#comparedAt = clock.now()
    // The state may be older than the view: made earlier, or put aside and set again.
    this.#lacking = difference(this.#shown, editorText(ytext))
    if (this.#lacking !== null) queueMicrotask(() => this.catchUp())
    ytext.observe(this.#onEvent)
    this.#ydoc.on('afterAllTransactions', this.#onSettled)
  }

  update(update: ViewUpdate): void {
    this.#updating = true
    try {
      for (const transaction of update.transactions) this.#follow(transaction)
    } finally {
      this.#updating = false
    }
    // Until everybody has been told, the document may be ahead of what we know.
    if (this.#isBusy()) return
    if (this.#uncertain) this.#compare()
    else this.#checkLength()
  }

  destroy(): void {
    this.#destroyed = true
    this.#cancelComparison?.()
    this.#hold.destroy()
    this.#ytext.unobserve(this.#onEvent)
    this.#ydoc.off('afterAllTransactions', this.#onSettled)
  }

  /** Shows what the document has and the view has not, unless the view cannot or must not be changed now. */
  catchUp(): void {
    if (this.#destroyed || this.#lacking === null || this.#showing !== null) return
    // What the user undoes is not in their way.
    if (this.#userEvent === null && this.#hold.holds(this.#lacking)) return
    this.#showing = this.#lacking
    const selection = straightSelection(this.#view.state.selection, this.#lacking)
    try {
      this.#view.dispatch({
        changes: this.#lacking,
        ...(selection === null ? {} : { selection }),
        // What is in the document is in the document, whatever this editor would allow its user.
        filter: false,
        annotations: [
          fromDocument.of(this),
          Transaction.remote.of(this.#userEvent === null),
          Transaction.addToHistory.of(false),
        ],
        ...(this.#userEvent === null ? {} : { userEvent: this.#userEvent }),
      })
      this.#retried = false
    } catch (error) {
      this.#notShown(error)
    } finally {
      this.#showing = null
    }
  }

  /** Runs `action`, which changes the document for this view's user; the view shows that as `userEvent`. */
  showingAs<Result>(userEvent: string, action: () => Result): Result {
    this.catchUp()
    this.#userEvent = userEvent
    try {
      return action()
    } finally {
      this.#userEvent = null
    }
  }

  /** The view is updating, or one of its extensions threw. After an update we are called again. */
  #notShown(error: unknown): void {
    if (this.#lacking === null || this.#retried) {
      return logException(this.#view.state, error, 'showing a change of the document')
    }
    this.#retried = true
    queueMicrotask(() => this.catchUp())
  }

  #follow(transaction: Transaction): void {
    if (transaction.annotation(fromDocument) === this) {
      // Something came while it was under way.
      if (this.#lacking !== this.#showing) this.#uncertain = true
      this.#lacking = null
    } else if (transaction.docChanged) {
      this.#hold.typed()
      this.#options.beforeWrite(transaction, this.#view)
      this.#write(transaction)
    }
    this.#shown = transaction.newDoc
    if (transaction.docChanged) this.#changed()
  }

  #write(transaction: Transaction): void {
    // Then its event has another origin or tells of more than this, or an event for us is still on its way.
    if (this.#isBusy()) this.#uncertain = true
    if (this.#uncertain) this.#lacking = difference(this.#shown, editorText(this.#ytext))
    const { changes } = transaction
    const lacking = this.#lacking
    const before = lacking === null ? this.#shown : lacking.apply(this.#shown)
    const mapped = lacking === null ? changes : changes.map(lacking)
    const after = lacking === null ? transaction.newDoc : mapped.apply(before)
    const repairs = ChangeSet.of(repairsAfter(mapped, after), after.length, '\n')
    const ahead = lacking === null ? repairs : lacking.map(changes, true).compose(repairs)
    this.#lacking = ahead.empty ? null : ahead
    // Before anybody is told of the write: who hears of it may write, too.
    this.#shown = transaction.newDoc
    this.#transact(before, mapped.compose(repairs))
  }

  #transact(before: Text, changes: ChangeSet): void {
    try {
      this.#ydoc.transact(() => writeChanges(this.#ytext, before, changes), this)
    } catch (error) {
      // Thrown by Yjs, or by anybody who listens to it: what was written is not known.
      this.#uncertain = true
      logException(this.#view.state, error, 'writing to the document')
    }
  }

  readonly #onEvent = (event: Y.YTextEvent, transaction: Y.Transaction): void => {
    if (transaction.origin === this && !this.#uncertain) return
    // With others before or behind it, an event tells of more or less than what its transaction did: Yjs has merged
    // structs after the former, and the latter have changed the text already.
    const alone = this.#ydoc['_transactionCleanups'].length === 1
    if (this.#uncertain || !alone || this.#ydoc['_transaction'] !== null) {
      this.#uncertain = true
      return
    }
    const before = this.#lacking === null ? this.#shown : this.#lacking.apply(this.#shown)
    const changes = ChangeSet.of(changesOf(event, before), before.length, '\n')
    if (changes.empty) return
    this.#lacking = this.#lacking === null ? changes : this.#lacking.compose(changes)
    this.#changed()
    if (this.#updating) return
    this.#checkLength()
    this.catchUp()
  }

  /** Every transaction of the document is over, also those that others began while they were told of one. */
  readonly #onSettled = (): void => {
    if (!this.#uncertain || this.#updating) return
    this.#compare()
    this.catchUp()
  }

  /** Whether the document is inside a transaction, or telling of one. */
  #isBusy(): boolean {
    return this.#ydoc['_transaction'] !== null || this.#ydoc['_transactionCleanups'].length > 0
  }

  #compare(): void {
    this.#uncertain = false
    this.#lacking = difference(this.#shown, editorText(this.#ytext))
  }

  #checkLength(): void {
    if (this.#uncertain) return
    if (this.#ytext.length !== (this.#lacking?.newLength ?? this.#shown.length)) this.#drifted()
  }

  #changed(): void {
    const { clock } = this.#options
    this.#changedAt = clock.now()
    this.#cancelComparison ??= clock.after(COMPARE_AFTER_IDLE_MS, this.#compareWhenIdle)
  }

  readonly #compareWhenIdle = (): void => {
    const { clock } = this.#options
    const idleAt = Math.min(
      this.#changedAt + COMPARE_AFTER_IDLE_MS,
      this.#comparedAt + COMPARE_AFTER_MS,
    )
    const waitMs = idleAt - clock.now()
    this.#cancelComparison = waitMs > 0 ? clock.after(waitMs, this.#compareWhenIdle) : null
    if (waitMs > 0) return
    this.#comparedAt = clock.now()
    const expected = this.#lacking === null ? this.#shown : this.#lacking.apply(this.#shown)
    if (difference(expected, editorText(this.#ytext)) !== null) this.#drifted()
    this.catchUp()
  }

  /** What must not happen did: the view follows the document, never the other way round. */
  #drifted(): void {
    const documentText = editorText(this.#ytext)
    this.#lacking = difference(this.#shown, documentText)
    queueMicrotask(() => this.catchUp())
    try {
      this.#options.onDrift?.({ viewText: this.#shown.toString(), documentText })
    } catch (error) {
      logException(this.#view.state, error, 'onDrift')
    }
  }
}

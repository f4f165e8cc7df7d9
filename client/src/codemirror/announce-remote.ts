import {
  Facet,
  type EditorState,
  type Extension,
  type Text,
  type Transaction,
} from '@codemirror/state'
import { EditorView, ViewPlugin, type PluginValue, type ViewUpdate } from '@codemirror/view'
import { systemClock, type Cancel, type Clock } from '@coscribe/shared'
import { isOwnEdit } from './follow-state.js'
import { othersWords } from './others-words.js'
import { RemoteEdits, type EditedRange } from './remote-edits.js'
import { shownPeers, type ShownPeer } from './shown-peers.js'

/** Which edits of others are read out: none, those near one's own caret, or all. */
export type Announcements = 'off' | 'nearby' | 'all'

/** Which edits of others an editor reads out; `nearby` by default. */
export const announcements = Facet.define<Announcements, Announcements>({
  combine: (values) => values[0] ?? 'nearby',
})

/** Options of {@link announceRemote}. */
export interface AnnounceRemoteOptions {
  /** Time; the machine's own by default. */
  readonly clock?: Clock
}

/** Lines from the caret's that count as near. */
const NEAR_LINES = 10
/** Something is said at most so often, */
const SAY_EVERY_MS = 5_000
/** and so long after the first of what it is about, because what is written is seldom one letter. */
const GATHER_MS = 1_000
/** Names that somebody listens to the end of; the others are a number. */
const MAX_NAMES = 2

/**
 * Reads out what others change: who and in which lines, and who begins to write in the line of one's own caret. Goes
 * with `remoteCursors`; the facet {@link announcements} says how much.
 *
 * Nothing is said of what comes into an empty text, or while the editor is not editable: that is a document that is
 * being loaded.
 */
export function announceRemote({ clock = systemClock }: AnnounceRemoteOptions = {}): Extension {
  return announcePlugin.of({ clock })
}

/** Gathers what is to be said, and says it. */
class RemoteAnnouncer implements PluginValue {
  readonly #view: EditorView
  readonly #clock: Clock
  readonly #edits = new RemoteEdits()
  /** Clients that are in the line of the caret, to tell who comes. */
  #inLine: ReadonlySet<number> = new Set()
  /** Names of those who came into it and of whom nothing was said yet. */
  readonly #came = new Set<string>()
  #saidAt = -Infinity
  #cancel: Cancel | null = null

  constructor(view: EditorView, { clock }: { readonly clock: Clock }) {
    this.#view = view
    this.#clock = clock
    this.#inLine = clientsInLine(view.state)
  }

  update(update: ViewUpdate): void {
    const level = update.state.facet(announcements)
    if (level === 'off') return this.#forget()
    if (update.docChanged) this.#edits.move(update.changes)
    for (const transaction of update.transactions) {
      if (isOfOthers(transaction)) this.#note(transaction, level)
    }
    this.#lookAtLine(update)
    if (!this.#edits.isEmpty || this.#came.size > 0) this.#plan()
  }

  destroy(): void {
    this.#forget()
  }

  #forget(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#came.clear()
    this.#edits.take()
  }

  #note({ changes, state }: Transaction, level: Announcements): void {
    changes.iterChangedRanges((_fromA, _toA, from, to) => {
      const range = { from, to }
      if (level === 'nearby' && !(this.#view.hasFocus && isNear(state, range))) return
      const author = authorOf(state, range)
      // Of those in one's own line it was said that they write there.
      if (author !== null && this.#inLine.has(author.clientId) && isInLine(state, range)) return
      if (author?.isSelf !== true) this.#edits.add(author?.name ?? '', range)
    })
  }

  #lookAtLine(update: ViewUpdate): void {
    const { startState, state, docChanged, selectionSet, transactions } = update
    const isSame = startState.field(shownPeers, false) === state.field(shownPeers)
    if (!docChanged && !selectionSet && isSame) return
    const before = this.#inLine
    this.#inLine = clientsInLine(state)
    // Who goes to somebody's line is not who is come to.
    if (!this.#view.hasFocus || selectionSet || transactions.some(isOwnEdit)) return
    for (const { clientId, name } of state.field(shownPeers)) {
      if (this.#inLine.has(clientId) && !before.has(clientId)) this.#came.add(name)
    }
  }

  #plan(): void {
    if (this.#cancel !== null) return
    const waitMs = Math.max(GATHER_MS, this.#saidAt + SAY_EVERY_MS - this.#clock.now())
    this.#cancel = this.#clock.after(waitMs, () => this.#say())
  }

  #say(): void {
    this.#cancel = null
    const { state } = this.#view
    const words = state.facet(othersWords)
    const here = new Set(namesInLine(state, this.#inLine))
    const names = [...this.#came].filter((name) => here.has(name))
    this.#came.clear()
    const came = names.slice(0, MAX_NAMES).map((name) => name || words.somebody)
    const sentences = [
      ...(came.length === 0 ? [] : [words.editsThisLine(came)]),
      ...this.#editSentence(),
    ]
    if (sentences.length === 0) return
    this.#saidAt = this.#clock.now()
    this.#view.dispatch({ effects: EditorView.announce.of(sentences.join('. ')) })
  }

  #editSentence(): string[] {
    const { state } = this.#view
    const words = state.facet(othersWords)
    const edits = this.#edits.take()
    if (edits.length === 0) return []
    const from = Math.min(...edits.map(([, range]) => range.from))
    const to = Math.max(...edits.map(([, range]) => range.to))
    const names = edits.slice(0, MAX_NAMES).map(([name]) => name || words.somebody)
    const [first, last] = [from, to].map((at) => String(lineAt(state.doc, at)))
    return [words.edited(names, edits.length - names.length, first ?? '', last ?? '')]
  }
}

const announcePlugin = ViewPlugin.define(
  (view: EditorView, config: { readonly clock: Clock }) => new RemoteAnnouncer(view, config),
)

function isOfOthers(transaction: Transaction): boolean {
  const { startState } = transaction
  const isLoading = startState.doc.length === 0 || !startState.facet(EditorView.editable)
  return transaction.docChanged && !isOwnEdit(transaction) && !isLoading
}

/** By whose caret is there: it goes with what is written at it. */
function authorOf(state: EditorState, { from, to }: EditedRange): ShownPeer | null {
  const isThere = ({ ranges }: ShownPeer): boolean =>
    ranges.some(({ head }) => head >= from && head <= to)
  const there = state.field(shownPeers).filter(isThere)
  return there.find(({ focused }) => focused) ?? there[0] ?? null
}

/** Who writes in the line of the caret. */
function clientsInLine(state: EditorState): ReadonlySet<number> {
  const { from, to } = state.doc.lineAt(state.selection.main.head)
  const isThere = ({ ranges, focused, isSelf }: ShownPeer): boolean => {
    const head = ranges[0]?.head
    return head !== undefined && head >= from && head <= to && focused && !isSelf
  }
  return new Set(
    state
      .field(shownPeers)
      .filter(isThere)
      .map(({ clientId }) => clientId),
  )
}

function namesInLine(state: EditorState, clients: ReadonlySet<number>): readonly string[] {
  return state
    .field(shownPeers)
    .filter(({ clientId }) => clients.has(clientId))
    .map(({ name }) => name)
}

function isNear(state: EditorState, { from, to }: EditedRange): boolean {
  const own = state.doc.lineAt(state.selection.main.head).number
  return lineAt(state.doc, from) - NEAR_LINES <= own && own <= lineAt(state.doc, to) + NEAR_LINES
}

function isInLine(state: EditorState, range: EditedRange): boolean {
  const { from, to } = state.doc.lineAt(state.selection.main.head)
  return range.from >= from && range.to <= to
}

function lineAt(text: Text, position: number): number {
  return text.lineAt(Math.min(position, text.length)).number
}

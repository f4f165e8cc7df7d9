import {
  closeSearchPanel,
  findNext,
  findPrevious,
  getSearchQuery,
  replaceAll,
  replaceNext,
  SearchQuery,
  setSearchQuery,
} from '@codemirror/search'
import { EditorState } from '@codemirror/state'
import { runScopeHandlers, type EditorView, type Panel, type ViewUpdate } from '@codemirror/view'
import { systemClock, type Cancel } from '@coscribe/shared'
import { countMatches, MAX_COUNTED, type MatchCount } from './match-count.js'
import { PanelParts } from './panel-parts.js'

/** Counting takes at most a fifth of the time while others write. */
const COUNT_PAUSE = 4
const MIN_PAUSE_MS = 150
/** Longest text to look for and to put in its place, in UTF-16 units. */
const MAX_SEARCHED = 10_000

/** What is searched, and what takes its place; a panel of CodeMirror. */
export class FindPanel implements Panel {
  readonly dom: HTMLElement
  readonly top = true
  readonly #view: EditorView
  readonly #parts: PanelParts
  #query: SearchQuery
  #cancelCount: Cancel | null = null
  /** How long the last count took, in milliseconds. */
  #countTook = 0

  constructor(view: EditorView) {
    this.#view = view
    this.#query = getSearchQuery(view.state)
    this.#parts = new PanelParts(view.dom.ownerDocument, {
      changed: () => this.#commit(),
      next: () => findNext(view),
      previous: () => findPrevious(view),
      replace: () => replaceNext(view),
      replaceAll: () => replaceAll(view),
      close: () => closeSearchPanel(view),
      key: (event) => this.#key(event),
      maxLength: MAX_SEARCHED,
    })
    this.dom = this.#parts.dom
    this.#name()
    this.#parts.show(this.#query)
    this.#parts.lock(view.state.readOnly)
    this.#countSoon()
  }

  mount(): void {
    this.#parts.field.select()
  }

  update(update: ViewUpdate): void {
    const { startState, state } = update
    if (state.facet(EditorState.phrases) !== startState.facet(EditorState.phrases)) this.#name()
    if (state.readOnly !== startState.readOnly) this.#parts.lock(state.readOnly)
    const query = getSearchQuery(state)
    const isOther = !query.eq(this.#query)
    if (isOther) {
      this.#query = query
      this.#parts.show(query)
    }
    if (isOther || update.docChanged || update.selectionSet) this.#countSoon()
  }

  destroy(): void {
    this.#cancelCount?.()
  }

  #name(): void {
    this.#parts.name((key) => this.#view.state.phrase(key))
  }

  #commit(): void {
    const query = new SearchQuery(this.#parts.spec())
    if (query.eq(this.#query)) return
    this.#query = query
    this.#view.dispatch({ effects: setSearchQuery.of(query) })
    this.#countSoon()
  }

  #key(event: KeyboardEvent): void {
    if (runScopeHandlers(this.#view, event, 'search-panel')) return event.preventDefault()
    if (event.key !== 'Enter' || event.isComposing) return
    if (event.target === this.#parts.field) {
      event.preventDefault()
      if (event.shiftKey) findPrevious(this.#view)
      else findNext(this.#view)
    } else if (event.target === this.#parts.replacement) {
      event.preventDefault()
      if (event.ctrlKey || event.metaKey) replaceAll(this.#view)
      else replaceNext(this.#view)
    }
  }

  #countSoon(): void {
    const pause = Math.max(MIN_PAUSE_MS, this.#countTook * COUNT_PAUSE)
    this.#cancelCount ??= systemClock.after(pause, () => {
      this.#cancelCount = null
      this.#count()
    })
  }

  #count(): void {
    if (this.#query.search === '') return this.#parts.tell('', true)
    const phrase = (key: string, ...insert: unknown[]): string =>
      this.#view.state.phrase(key, ...insert)
    if (!this.#query.valid) return this.#parts.tell(phrase('find.invalid'), false)
    const begun = systemClock.now()
    const count = countMatches(this.#query, this.#view.state)
    this.#countTook = systemClock.now() - begun
    this.#parts.tell(told(count, phrase), true)
  }
}

function told(
  { total, more, current }: MatchCount,
  phrase: (key: string, ...insert: unknown[]) => string,
): string {
  const number = more ? `${MAX_COUNTED}+` : `${total}`
  if (total === 0) return phrase('find.none')
  if (current > 0) return phrase('find.place', current, number)
  return total === 1 ? phrase('find.one') : phrase('find.count', number)
}

import type { Cancel, Clock } from '@coscribe/shared'
import type { Failure } from '../api-client.js'
import type { DocumentBatch, DocumentsApi, ListedDocument } from '../documents-api.js'

/** What a list stands on. */
export interface DocumentListSetup {
  readonly api: Pick<DocumentsApi, 'list'>
  readonly clock: Clock
  /** Whether it is of the trash. */
  readonly trashed: boolean
  /** Something of the list is different now. */
  readonly changed: () => void
}

/** Who types a word is asked about the word, not about each of its letters. */
const TYPING_MS = 200
/** As long as the server does not answer, it is asked again. */
const RETRY_MS = 5_000
/** Documents kept in one list; whoever has more finds them by searching. */
const MAX_LISTED = 5_000

/** The documents that are shown, and what they were searched by. What is there stays until other ones have come. */
export class DocumentList {
  readonly #setup: DocumentListSetup
  #documents: readonly ListedDocument[] | null = null
  /** What the shown ones were searched by. */
  #shownSearch = ''
  #search = ''
  #cursor: string | null = null
  #keptDays: DocumentBatch['keptDays'] = null
  #pages = 0
  #failure: Failure | null = null
  /** Of the request that counts: the answer to an earlier one is about something else. */
  #turn = 0
  /** What is being waited for. */
  #asking: 'all' | 'more' | null = null
  #cancelWait: Cancel | null = null

  constructor(setup: DocumentListSetup) {
    this.#setup = setup
  }

  /** `null` before the first answer. */
  get documents(): readonly ListedDocument[] | null {
    return this.#documents
  }

  /** What the documents that are shown were searched by; empty when they are all. */
  get search(): string {
    return this.#shownSearch
  }

  get hasMore(): boolean {
    return this.#cursor !== null && (this.#documents?.length ?? 0) < MAX_LISTED
  }

  /** As {@link DocumentBatch.keptDays}. */
  get keptDays(): number | null {
    return this.#keptDays
  }

  /** Whether an answer is being waited for. */
  get isAsking(): boolean {
    return this.#asking !== null
  }

  /** Why the last request came to nothing, or `null`. */
  get failure(): Failure | null {
    return this.#failure
  }

  /** Searches by other words, a moment after the last of them. */
  searchFor(words: string): void {
    const search = words.trim()
    if (search === this.#search) return
    this.#search = search
    this.#turn++
    this.#wait(TYPING_MS)
  }

  /** Asks anew, now. Where several pages are shown, only what went wrong is asked for again. */
  refresh(): void {
    if (this.#pages > 1 && this.#failure === null) return
    void this.#ask()
  }

  /** Asks for the next page. */
  more(): void {
    if (this.hasMore && this.#asking === null) void this.#ask(this.#cursor ?? undefined)
  }

  /** Puts what is known of a document into its place in the list: it is changed, or back. */
  put(document: ListedDocument): void {
    const others = this.#without(document.id)
    const place = others.findIndex(({ updatedAt }) => updatedAt < document.updatedAt)
    this.#documents = others.toSpliced(place < 0 ? others.length : place, 0, document)
    this.#changed()
  }

  /** Takes a document off the list. */
  remove(id: string): void {
    this.#documents = this.#without(id)
    this.#changed()
  }

  /** Ends: no timer is left, and no answer changes anything any more. */
  stop(): void {
    this.#turn++
    this.#asking = null
    this.#cancelWait?.()
  }

  /** Something was done here: an answer that is on its way may be of before. */
  #changed(): void {
    if (this.#asking === 'all') void this.#ask()
    else this.#setup.changed()
  }

  #without(id: string): readonly ListedDocument[] {
    return this.#documents?.filter((one) => one.id !== id) ?? []
  }

  #wait(ms: number): void {
    this.#cancelWait?.()
    this.#cancelWait = this.#setup.clock.after(ms, () => void this.#ask())
  }

  async #ask(cursor?: string): Promise<void> {
    const turn = ++this.#turn
    const search = this.#search
    this.#cancelWait?.()
    this.#asking = cursor === undefined ? 'all' : 'more'
    this.#setup.changed()
    const query = {
      search,
      trashed: this.#setup.trashed,
      ...(cursor === undefined ? {} : { cursor }),
    }
    const outcome = await this.#setup.api.list(query)
    if (turn !== this.#turn) return
    this.#asking = null
    this.#failure = outcome.kind === 'done' ? null : outcome
    if (outcome.kind === 'done') {
      const before = cursor === undefined ? [] : (this.#documents ?? [])
      const known = new Set(before.map(({ id }) => id))
      this.#documents = [...before, ...outcome.value.documents.filter(({ id }) => !known.has(id))]
      this.#cursor = outcome.value.cursor
      this.#keptDays = outcome.value.keptDays
      this.#pages = cursor === undefined ? 1 : this.#pages + 1
      this.#shownSearch = search
    } else if (outcome.kind === 'unreachable') this.#wait(RETRY_MS)
    this.#setup.changed()
  }
}

import type { Failure, Outcome } from '../api-client.js'
import type { DocumentsApi, ListedDocument } from '../documents-api.js'
import { failureText } from '../failure-text.js'
import { words } from '../words.js'
import type { DocumentList } from './document-list.js'
import type { Said } from './said-line.js'

/** What the desk works on. */
export interface DeskSetup {
  readonly api: DocumentsApi
  readonly list: DocumentList
  readonly say: (said: Said) => void
  /** Somebody took something back: it is in the list again. */
  readonly isBack: (id: string) => void
}

/** What is done with listed documents: shown at once, taken back when the server does not take it. */
export class DocumentDesk {
  readonly #setup: DeskSetup

  constructor(setup: DeskSetup) {
    this.#setup = setup
  }

  /** Resolves to why it did not work, or `null`. */
  async rename(document: ListedDocument, title: string): Promise<Failure | null> {
    const { api, list, say } = this.#setup
    list.put({ ...document, title })
    const outcome = await api.rename(document.id, title)
    if (outcome.kind === 'done') {
      // As the server has it: cleaned, and at its time.
      list.put(outcome.value)
      return null
    }
    list.put(document)
    say({ text: words().home.notRenamed(failureText(outcome)) })
    return outcome
  }

  /** Puts a document into the trash, with a way back. */
  async trash(document: ListedDocument): Promise<void> {
    const { api, list, say, isBack } = this.#setup
    const { home } = words()
    list.remove(document.id)
    const asked = api.trash(document.id)
    let isUndone = false
    const undo = (): void => {
      isUndone = true
      list.put(document)
      isBack(document.id)
      // Not before it is there, or it would stay there.
      void asked.then(({ kind }) => this.#takeBack(document, kind))
    }
    say({ text: home.trashed(nameOf(document)), undo })
    const outcome = await asked
    if (outcome.kind === 'done') {
      // It may have been listed once more before the server knew.
      if (!isUndone) list.remove(document.id)
      return
    }
    list.put(document)
    say({ text: home.notTrashed(failureText(outcome)) })
  }

  /** Takes a document out of the trash. */
  async restore(document: ListedDocument): Promise<void> {
    const { api, list, say } = this.#setup
    list.remove(document.id)
    const outcome = await api.restore(document.id)
    if (outcome.kind === 'done') {
      list.remove(document.id)
      return say({ text: words().home.restored(nameOf(document)) })
    }
    list.put(document)
    say({ text: words().home.notRestored(failureText(outcome)) })
  }

  /** @param trashed what became of putting it there */
  async #takeBack(document: ListedDocument, trashed: Outcome<true>['kind']): Promise<void> {
    // It was never there, which was said.
    if (trashed === 'refused') return
    const { api, list, say } = this.#setup
    const outcome = await api.restore(document.id)
    if (outcome.kind === 'done') {
      list.put(document)
      return say({ text: words().home.restored(nameOf(document)) })
    }
    if (trashed === 'done') list.remove(document.id)
    say({ text: words().home.notRestored(failureText(outcome)) })
  }
}

/** What a document is called. */
export function nameOf({ title }: Pick<ListedDocument, 'title'>): string {
  return title === '' ? words().page.untitled : title
}

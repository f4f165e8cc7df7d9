import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from './folder.js'
import { MAX_NAMED } from './reconcile.js'

const FILE = 'quarantine.json'

/**
 * Documents that were set aside, with the reason. Those whose reading ends the process are kept in a file, as there
 * is no other way to know them; all others are found again by looking.
 */
export class Quarantine {
  readonly #folder: string
  readonly #deadly = new Map<string, string>()
  readonly #found = new Map<string, string>()

  constructor(folder: string) {
    this.#folder = folder
  }

  async load(): Promise<void> {
    const text = await readFile(join(this.#folder, FILE), 'utf8').catch(() => '[]')
    for (const [id, reason] of entriesOf(text)) this.#deadly.set(id, reason)
  }

  /** Why reading this document is not even tried. */
  deadly(documentId: string): string | undefined {
    return this.#deadly.get(documentId)
  }

  /** Remembers, durably, that reading this document ends the process. */
  async addDeadly(documentId: string, reason: string): Promise<void> {
    this.#deadly.set(documentId, reason)
    const content = JSON.stringify([...this.#deadly], null, 2)
    await replaceFile(join(this.#folder, FILE), content)
  }

  /** Remembers a document for the list; the list is bounded, refusing it is not. */
  addFound(documentId: string, reason: string): void {
    if (this.#found.size < MAX_NAMED) this.#found.set(documentId, reason)
  }

  reasonOf(documentId: string): string | undefined {
    return this.#deadly.get(documentId) ?? this.#found.get(documentId)
  }

  /** It could be read after all. */
  forget(documentId: string): void {
    this.#found.delete(documentId)
  }

  list(): ReadonlyMap<string, string> {
    return new Map([...this.#found, ...this.#deadly])
  }
}

function entriesOf(text: string): [string, string][] {
  try {
    const list: unknown = JSON.parse(text)
    if (!Array.isArray(list)) return []
    return list.filter(
      (entry): entry is [string, string] =>
        Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'string',
    )
  } catch {
    // Damaged: the documents will end the process once more, and be found again.
    return []
  }
}

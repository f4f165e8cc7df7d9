import type { Memory } from './memory.js'

const REMEMBERED = 'titles'
/** Documents whose titles are remembered, in all; of more, those seen first are forgotten. */
const MAX_TITLES = 300

type Entry = readonly [owner: string, documentId: string, title: string]

/** The titles of documents that were open in this browser, by person, for when there is no server to ask. */
export class RememberedTitles {
  readonly #memory: Memory
  readonly #owner: string

  /** @param owner the subject whose copies the documents are, or empty */
  constructor(memory: Memory, owner: string) {
    this.#memory = memory
    this.#owner = owner
  }

  /** The title when it was seen last; empty when it had none, or was never seen. */
  of(documentId: string): string {
    return this.#entries().find((entry) => this.#isOf(entry, documentId))?.[2] ?? ''
  }

  keep(documentId: string, title: string): void {
    const others = this.#entries().filter((entry) => !this.#isOf(entry, documentId))
    const kept: Entry[] = [[this.#owner, documentId, title], ...others]
    this.#memory.write(REMEMBERED, JSON.stringify(kept.slice(0, MAX_TITLES)))
  }

  #isOf([owner, id]: Entry, documentId: string): boolean {
    return owner === this.#owner && id === documentId
  }

  #entries(): readonly Entry[] {
    try {
      const value: unknown = JSON.parse(this.#memory.read(REMEMBERED) ?? '[]')
      return Array.isArray(value) ? value.filter(isEntry).slice(0, MAX_TITLES) : []
    } catch {
      // Somebody wrote something else there.
      return []
    }
  }
}

function isEntry(value: unknown): value is Entry {
  return (
    Array.isArray(value) && value.length === 3 && value.every((part) => typeof part === 'string')
  )
}

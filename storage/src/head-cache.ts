import type { StoredHead } from './head.js'

/** Heads of the documents used last, so that an append need not read. Bounded by count; half a KiB each at most,
 * apart from reasons. */
export class HeadCache {
  readonly #capacity: number
  readonly #heads = new Map<string, StoredHead>()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get(documentId: string): StoredHead | undefined {
    const head = this.#heads.get(documentId)
    if (head !== undefined) this.set(documentId, head)
    return head
  }

  set(documentId: string, head: StoredHead): void {
    // A Map iterates in order of insertion: the first key is the one used longest ago.
    this.#heads.delete(documentId)
    this.#heads.set(documentId, head)
    if (this.#heads.size <= this.#capacity) return
    const [oldest] = this.#heads.keys()
    if (oldest !== undefined) this.#heads.delete(oldest)
  }

  delete(documentId: string): void {
    this.#heads.delete(documentId)
  }

  clear(): void {
    this.#heads.clear()
  }
}

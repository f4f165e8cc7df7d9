import type { StoredHead } from './head.js'

/**
 * Heads of the documents used last, and which of those have none, so that an append need not read. Bounded by count;
 * half a KiB each at most, apart from reasons.
 */
export class HeadCache {
  readonly #capacity: number
  readonly #heads = new Map<string, StoredHead | symbol | null>()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** `null` for a document that is not there, `undefined` when that has to be read. */
  get(documentId: string): StoredHead | null | undefined {
    const head = this.#heads.get(documentId)
    if (head === undefined || typeof head === 'symbol') return undefined
    this.#put(documentId, head)
    return head
  }

  set(documentId: string, head: StoredHead): void {
    this.#put(documentId, head)
  }

  /**
   * Somebody begins to read a document of which nothing is remembered. Call what is returned with whether it was there:
   * that it was not is remembered, unless anything was said of the document meanwhile.
   */
  look(documentId: string): (found: boolean) => void {
    if (this.get(documentId) !== undefined) return () => undefined
    const look = Symbol('somebody looks')
    this.#put(documentId, look)
    return (found) => {
      if (this.#heads.get(documentId) !== look) return
      if (found) this.#heads.delete(documentId)
      else this.#heads.set(documentId, null)
    }
  }

  delete(documentId: string): void {
    this.#heads.delete(documentId)
  }

  clear(): void {
    this.#heads.clear()
  }

  #put(documentId: string, head: StoredHead | symbol | null): void {
    // A Map iterates in order of insertion: the first key is the one used longest ago.
    this.#heads.delete(documentId)
    this.#heads.set(documentId, head)
    if (this.#heads.size <= this.#capacity) return
    const [oldest] = this.#heads.keys()
    if (oldest !== undefined) this.#heads.delete(oldest)
  }
}

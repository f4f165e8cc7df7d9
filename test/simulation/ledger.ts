import type { StoredUpdate } from './sim-disk.js'
import { CoverageSet } from './coverage-set.js'

/** What a promise was broken by, and which. */
export interface Violation {
  readonly promise: string
  readonly what: string
}

interface DocumentLedger {
  /** On the disk, synced. */
  readonly safe: CoverageSet
  /** Called saved to somebody. Grows only, but for a restored backup. */
  acked: CoverageSet
  /** Characters that somebody typed. */
  readonly typed: Set<string>
  /** Those of them that somebody deleted. */
  readonly deleted: Set<string>
}

/** The truth beside the system: what was typed, what is safe, what was called saved, and which promise was broken. */
export class Ledger {
  readonly #documents = new Map<string, DocumentLedger>()
  #violation: Violation | null = null

  /** The first promise that was broken. */
  get violation(): Violation | null {
    return this.#violation
  }

  broken(promise: string, what: string): void {
    this.#violation ??= { promise, what }
  }

  of(documentId: string): DocumentLedger {
    let ledger = this.#documents.get(documentId)
    if (ledger === undefined) {
      ledger = {
        safe: new CoverageSet(),
        acked: new CoverageSet(),
        typed: new Set(),
        deleted: new Set(),
      }
      this.#documents.set(documentId, ledger)
    }
    return ledger
  }

  synced(updates: readonly StoredUpdate[]): void {
    for (const { documentId, update } of updates) this.of(documentId).safe.add(update)
  }

  /** Somebody was told that this is saved. */
  acked(documentId: string, who: string, edits: CoverageSet): void {
    const { safe, acked } = this.of(documentId)
    const missing = safe.lacks(edits)
    if (missing !== null) this.broken('I9', `${who} was told saved, but ${missing} is not on disk`)
    acked.addAll(edits)
  }

  /** The disk was put back to these bytes on purpose. */
  restored(documentId: string, stored: CoverageSet): void {
    const ledger = this.of(documentId)
    ledger.acked = ledger.acked.within(stored)
  }
}

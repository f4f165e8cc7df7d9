import { CoscribeError } from '@coscribe/shared'
import { Damage } from './damage.js'
import { DigestTable } from './digest-table.js'
import type { Quarantine } from './quarantine.js'
import type { Reconciliation } from './reconcile.js'

const LOST = 'the database lost something that was stored for it or its neighbours'

const WITHHELD = 'something that was committed for it could not be put in its place'

/** The documents that are refused: found damaged, deadly to read, or in a bucket that lost something. */
export class SetAside {
  readonly #quarantine: Quarantine
  #lostBuckets: ReadonlySet<number> = new Set()
  /** Documents with updates that could not be put in their places; bounded as these are. */
  readonly #withheld = new Set<string>()

  constructor(quarantine: Quarantine, found: Reconciliation) {
    this.#quarantine = quarantine
    this.take(found)
  }

  /** What a comparison found goes for all documents from now on. */
  take({ lostBuckets, suspects }: Reconciliation): void {
    this.#lostBuckets = lostBuckets
    for (const id of suspects) this.#quarantine.addFound(id, LOST)
  }

  /** Documents with the reason; at most a thousand, and the deadly ones. */
  list(): ReadonlyMap<string, string> {
    return this.#quarantine.list()
  }

  isLost(documentId: string): boolean {
    return this.#lostBuckets.size > 0 && this.#lostBuckets.has(DigestTable.bucketOf(documentId))
  }

  loseBucket(bucket: number): void {
    this.#lostBuckets = new Set([...this.#lostBuckets, bucket])
  }

  /** Part of what was committed for a document is not in its place: refused for as long as this process runs. */
  withhold(documentId: string): void {
    this.#withheld.add(documentId)
  }

  /** Whether a document may not be written. */
  refuses(documentId: string): boolean {
    return this.#reasonOf(documentId) !== undefined
  }

  #reasonOf(documentId: string): string | undefined {
    if (this.isLost(documentId)) return LOST
    if (this.#withheld.has(documentId)) return WITHHELD
    return this.#quarantine.reasonOf(documentId)
  }

  /** The whole document could be read: whatever was wrong with it was not lasting. */
  clear(documentId: string): void {
    this.#quarantine.forget(documentId)
  }

  /** @throws Damage for a document that is not even looked at */
  refuseReading(documentId: string): void {
    const reason = this.#quarantine.deadly(documentId)
    if (reason !== undefined) throw new Damage(reason)
    if (this.isLost(documentId)) throw new Damage(LOST)
    if (this.#withheld.has(documentId)) throw new Damage(WITHHELD)
  }

  /**
   * Nothing is stored over a document that was found damaged.
   *
   * @throws CoscribeError `document-unavailable`
   */
  refuseWriting(documentId: string): void {
    const reason = this.#reasonOf(documentId)
    if (reason !== undefined) throw this.unavailable(documentId, new Damage(reason))
  }

  /** The error for a document that an error showed to be damaged, which is remembered. */
  unavailable(documentId: string, error: unknown): CoscribeError {
    const reason = error instanceof Error ? error.message : String(error)
    this.#quarantine.addFound(documentId, reason)
    return new CoscribeError(
      'document-unavailable',
      `the stored document "${documentId}" is damaged and was set aside: ${reason}`,
      { cause: error },
    )
  }
}

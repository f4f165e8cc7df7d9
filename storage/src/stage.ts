import { joinPlans, planAppend, type Plan } from './change-plan.js'
import type { StoredEnd } from './checks.js'
import { DigestTable } from './digest-table.js'
import type { Group, GroupedAppend, GroupLink } from './group.js'
import type { StoredHead } from './head.js'
import { groupKey } from './keys.js'
import type { GroupEntry } from './ledger.js'
import type { Pace } from './pace.js'
import type { Append, Author } from './store.js'

/** What there is to do to put a stage in place. */
export interface Settling {
  readonly plan: Plan
  /** What cannot be put in its place now: it goes into a group of its own. */
  readonly carried: readonly GroupedAppend[]
}

/** New updates of a document, and the head its log has without them. */
export interface StagedAppend {
  readonly append: Append
  readonly head: StoredHead | undefined
}

interface Staged extends StagedAppend {
  readonly append: Append & { readonly updates: Uint8Array[]; readonly authors: Author[] }
  readonly bucket: number
}

const MiB = 1024 * 1024
/** From here on groups are put in their places at once instead of within a second: bytes, documents, and both together. */
const ENOUGH_BYTES = MiB
const ENOUGH_DOCUMENTS = 2_048
const ENOUGH_APPENDS = 16_384
/** Where nothing more is taken, if they cannot be: times as much. */
const MOST = 8

/**
 * What groups hold and the logs of its documents do not yet. It is on disk, in the groups; in memory it is kept as the
 * arrays that were handed in, so that putting it in place reads nothing.
 */
export class Stage {
  readonly #documents = new Map<string, Staged>()
  /** What cannot be put in its place while this process runs. */
  #carried: readonly GroupedAppend[] = []
  #bytes = 0
  #appends = 0

  get empty(): boolean {
    return this.#documents.size === 0
  }

  /** Whether it is time to put in place what is here. */
  get enough(): boolean {
    return this.#reaches(1)
  }

  /** Whether nothing more may be added. */
  get full(): boolean {
    return this.#reaches(MOST)
  }

  #reaches(times: number): boolean {
    return (
      this.#bytes >= ENOUGH_BYTES * times ||
      this.#documents.size >= ENOUGH_DOCUMENTS * times ||
      this.#appends >= ENOUGH_APPENDS * times
    )
  }

  get ids(): Iterable<string> {
    return this.#documents.keys()
  }

  /** What is here of a document, as it is now. */
  of(documentId: string): Append | undefined {
    const staged = this.#documents.get(documentId)
    if (staged === undefined) return undefined
    const { updates, authors } = staged.append
    return { ...staged.append, updates: [...updates], authors: [...authors] }
  }

  /** Where a staged document's log ends. */
  endOf(documentId: string): StoredEnd {
    const staged = this.#documents.get(documentId)
    if (staged === undefined) return undefined
    const { historyId, firstSeq, updates } = staged.append
    return { historyId, lastSeq: firstSeq + updates.length - 1 }
  }

  /** Keeps what cannot be put in its place: its document is refused, and at the next start it is tried again. */
  carry(appends: readonly GroupedAppend[]): void {
    this.#carried = [...this.#carried, ...appends]
  }

  /** @throws RangeError for an append that does not continue where its document ends */
  checkContinues({ append, head }: StagedAppend): void {
    const { documentId, firstSeq } = append
    const nextSeq = (this.endOf(documentId) ?? head ?? { lastSeq: 0 }).lastSeq + 1
    if (firstSeq === nextSeq) return
    throw new RangeError(`document "${documentId}" continues at ${nextSeq}, not at ${firstSeq}`)
  }

  /** How an append stands in a group: the history is told where neither a head nor an earlier group tells it. */
  grouped({ append, head }: StagedAppend): GroupedAppend {
    const known = head !== undefined || this.#documents.has(append.documentId)
    return { ...append, historyId: known ? null : append.historyId }
  }

  /** Takes appends that continue where their documents end. @returns the buckets of these documents, each once */
  add(list: readonly StagedAppend[]): number[] {
    const buckets = new Set<number>()
    for (const each of list) buckets.add(this.#add(each))
    return [...buckets]
  }

  #add({ append, head }: StagedAppend): number {
    this.#appends++
    const { documentId, historyId, firstSeq, updates, authors = [] } = append
    for (const { length } of updates) this.#bytes += length
    for (const { subject } of authors) this.#bytes += subject.length
    const staged = this.#documents.get(documentId)
    if (staged !== undefined) {
      for (const update of updates) staged.append.updates.push(update)
      for (const author of authors) staged.append.authors.push(author)
      return staged.bucket
    }
    const bucket = DigestTable.bucketOf(documentId)
    const own = { documentId, historyId, firstSeq, updates: [...updates], authors: [...authors] }
    this.#documents.set(documentId, { append: own, head, bucket })
    return bucket
  }

  /** The same content, to be changed without this one. */
  copy(): Stage {
    const copy = new Stage()
    copy.add([...this.#documents.values()])
    copy.#carried = this.#carried
    return copy
  }

  clear(): void {
    this.#documents.clear()
    this.#carried = []
    this.#bytes = 0
    this.#appends = 0
  }

  /**
   * The plan that puts everything in its place and takes away the groups it came in. Documents that may not be written
   * are left out: what there is of them is carried on. Nothing may be added before the plan is ready.
   */
  async plan(
    groups: readonly GroupEntry[],
    settled: GroupLink,
    mayWrite: (documentId: string) => boolean,
    pace: Pace,
  ): Promise<Settling> {
    const plans: Plan[] = []
    const carried = [...this.#carried]
    for (const { append, head } of this.#documents.values()) {
      if (mayWrite(append.documentId)) plans.push(planAppend(append, head))
      else carried.push(append)
      const pause = pace(0)
      if (pause !== undefined) await pause
    }
    const { puts, deletes, heads } = joinPlans(plans)
    const gone = groups.map(({ number }) => groupKey(number))
    return { plan: { puts, deletes: [...deletes, ...gone], heads, settled }, carried }
  }
}

/** What the ledger says of a group that was found. */
export function entryOf({ number, checksum, appends }: Omit<Group, 'previous'>): GroupEntry {
  const buckets = new Set(appends.map(({ documentId }) => DigestTable.bucketOf(documentId)))
  return { number, checksum, buckets: [...buckets] }
}

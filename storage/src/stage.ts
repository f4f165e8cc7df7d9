import { joinPlans, planAppend, type Plan } from './change-plan.js'
import type { StoredEnd } from './checks.js'
import { DigestTable } from './digest-table.js'
import type { Group, GroupedAppend } from './group.js'
import type { StoredHead } from './head.js'
import { groupKey } from './keys.js'
import type { GroupEntry } from './ledger.js'
import type { Pace } from './pace.js'
import type { Append } from './store.js'

/** New updates of a document, and the head its log has without them. */
export interface StagedAppend {
  readonly append: Append
  readonly head: StoredHead | undefined
}

interface Staged extends StagedAppend {
  readonly append: Append & { readonly updates: Uint8Array[] }
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
  /** Buckets whose groups stay: something in them cannot be put in its place. */
  readonly #kept = new Set<number>()
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
    return staged && { ...staged.append, updates: [...staged.append.updates] }
  }

  /** Where a staged document's log ends. */
  endOf(documentId: string): StoredEnd {
    const staged = this.#documents.get(documentId)
    if (staged === undefined) return undefined
    const { historyId, firstSeq, updates } = staged.append
    return { historyId, lastSeq: firstSeq + updates.length - 1 }
  }

  /** Something of this document cannot be put in its place: the groups it may be in are not taken away. */
  keep(documentId: string): void {
    this.#kept.add(DigestTable.bucketOf(documentId))
  }

  /** How an append stands in a group: the history is told where neither a head nor an earlier group tells it. */
  grouped({ append, head }: StagedAppend): GroupedAppend {
    const { documentId, historyId, firstSeq, updates } = append
    const known = head !== undefined || this.#documents.has(documentId)
    return { documentId, historyId: known ? null : historyId, firstSeq, updates }
  }

  /** Takes appends that continue where their documents end. @returns the buckets of these documents, each once */
  add(list: readonly StagedAppend[]): number[] {
    const buckets = new Set<number>()
    for (const each of list) buckets.add(this.#add(each))
    return [...buckets]
  }

  #add({ append, head }: StagedAppend): number {
    this.#appends++
    for (const { length } of append.updates) this.#bytes += length
    const staged = this.#documents.get(append.documentId)
    if (staged !== undefined) {
      for (const update of append.updates) staged.append.updates.push(update)
      return staged.bucket
    }
    const bucket = DigestTable.bucketOf(append.documentId)
    const { documentId, historyId, firstSeq } = append
    const own = { documentId, historyId, firstSeq, updates: [...append.updates] }
    this.#documents.set(documentId, { append: own, head, bucket })
    return bucket
  }

  /** The same content, to be changed without this one. */
  copy(): Stage {
    const copy = new Stage()
    copy.add([...this.#documents.values()])
    for (const bucket of this.#kept) copy.#kept.add(bucket)
    return copy
  }

  clear(): void {
    this.#documents.clear()
    this.#kept.clear()
    this.#bytes = 0
    this.#appends = 0
  }

  /**
   * The plan that puts everything in its place and takes away the groups it came in. Documents that may not be written
   * are left out, and so are the groups with updates of theirs: whoever can repair them will want those. Nothing may be
   * added before it is ready.
   */
  async plan(
    groups: readonly GroupEntry[],
    mayWrite: (documentId: string) => boolean,
    pace: Pace,
  ): Promise<Plan> {
    const plans: Plan[] = []
    const kept = new Set(this.#kept)
    for (const { append, head, bucket } of this.#documents.values()) {
      if (mayWrite(append.documentId)) plans.push(planAppend(append, head))
      else kept.add(bucket)
      const pause = pace(0)
      if (pause !== undefined) await pause
    }
    const gone = groups.filter(({ buckets }) => !buckets.some((bucket) => kept.has(bucket)))
    const { puts, deletes, heads } = joinPlans(plans)
    const settled = groups.at(-1)
    return {
      puts,
      deletes: [...deletes, ...gone.map(({ number }) => groupKey(number))],
      heads,
      ...(settled === undefined ? {} : { settled }),
    }
  }
}

/** What the ledger says of a group that was found. */
export function entryOf({ number, checksum, appends }: Group): GroupEntry {
  const buckets = new Set(appends.map(({ documentId }) => DigestTable.bucketOf(documentId)))
  return { number, checksum, buckets: [...buckets] }
}

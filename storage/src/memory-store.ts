import { checkDocumentId } from '@coscribe/shared'
import { AuthorShares } from './author-shares.js'
import {
  checkBatch,
  checkInfos,
  checkLimit,
  checkListOptions,
  checkSnapshot,
  conflict,
  notOpen,
  overlapOf,
} from './checks.js'
import {
  unknownInfo,
  type Append,
  type Author,
  type DocumentInfo,
  type DocumentPage,
  type DocumentStat,
  type DocumentStore,
  type InfoEntry,
  type InfoListOptions,
  type InfoPage,
  type InfoPlace,
  type ListOptions,
  type Snapshot,
  type StoredDocument,
} from './store.js'

interface Entry {
  readonly historyId: string
  snapshot: Snapshot | null
  readonly tail: Uint8Array[]
  readonly authors: Map<number, string>
  readOnlyReason: string | null
}

/**
 * The contract in its shortest form: the reference the other stores are compared with, and a store for tests.
 * Keeps its documents while it is closed, so that a test can reopen it.
 */
export class MemoryStore implements DocumentStore {
  readonly #documents = new Map<string, Entry>()
  readonly #infos = new Map<string, DocumentInfo>()
  #open = false

  async open(): Promise<void> {
    this.#open = true
    for (const id of this.#documents.keys()) {
      if (!this.#infos.has(id)) this.#infos.set(id, unknownInfo)
    }
  }

  async close(): Promise<void> {
    this.#open = false
  }

  async load(documentId: string): Promise<StoredDocument | undefined> {
    const entry = this.#find(documentId)
    if (entry === undefined) return undefined
    return {
      historyId: entry.historyId,
      snapshot: entry.snapshot === null ? null : copySnapshot(entry.snapshot),
      tail: entry.tail.map((update) => update.slice()),
      tailFirstSeq: snapshotSeqOf(entry) + 1,
      lastSeq: lastSeqOf(entry),
      readOnlyReason: entry.readOnlyReason,
      authors: sharesOf(entry.authors),
    }
  }

  async append(batch: readonly Append[]): Promise<void> {
    this.#checkOpen()
    checkBatch(batch)
    // Everything is judged before anything changes: all of a batch is taken, or none.
    const overlaps = batch.map((append) => checkOverlap(append, this.#find(append.documentId)))
    for (const [index, append] of batch.entries()) this.#add(append, overlaps[index] ?? 0)
  }

  #add(append: Append, overlap: number): void {
    const { authors = [] } = append
    const entry = this.#documents.get(append.documentId) ?? newEntry(append.historyId)
    this.#documents.set(append.documentId, entry)
    const fresh = append.updates.slice(overlap)
    for (const update of fresh) entry.tail.push(update.slice())
    if (fresh.length > 0) for (const author of authors) credit(entry, author)
  }

  async compact(documentId: string, snapshot: Snapshot): Promise<void> {
    const entry = this.#find(documentId)
    checkSnapshot(documentId, snapshot, entry === undefined ? undefined : endsOf(entry))
    if (entry === undefined) return
    entry.tail.splice(0, snapshot.upToSeq - snapshotSeqOf(entry))
    entry.snapshot = copySnapshot(snapshot)
  }

  async mark(documentId: string, readOnlyReason: string | null): Promise<void> {
    const entry = this.#find(documentId)
    if (entry === undefined) throw new RangeError(`there is no document "${documentId}" to mark`)
    entry.readOnlyReason = readOnlyReason
  }

  async delete(documentId: string): Promise<void> {
    this.#find(documentId)
    this.#documents.delete(documentId)
    this.#infos.delete(documentId)
  }

  async list(options?: ListOptions): Promise<DocumentPage> {
    this.#checkOpen()
    const { after, limit } = checkListOptions(options)
    const cursor = Buffer.from(after)
    const keys = [...this.#documents.keys()]
      .map((id) => Buffer.from(id))
      .sort((a, b) => Buffer.compare(a, b))
    const later = keys.filter((key) => Buffer.compare(key, cursor) > 0)
    const ids = later.slice(0, limit).map((key) => key.toString())
    return { ids, next: later.length > limit ? (ids.at(-1) ?? null) : null }
  }

  async stat(documentId: string): Promise<DocumentStat | undefined> {
    const entry = this.#find(documentId)
    if (entry === undefined) return undefined
    return {
      historyId: entry.historyId,
      ...endsOf(entry),
      bytes: bytesOf(entry.tail) + bytesOf(entry.snapshot?.parts ?? []),
      readOnlyReason: entry.readOnlyReason,
      trashedAt: this.#infos.get(documentId)?.trashedAt ?? null,
    }
  }

  async readInfo(documentId: string): Promise<DocumentInfo | undefined> {
    const isStored = this.#find(documentId) !== undefined
    return this.#infos.get(documentId) ?? (isStored ? unknownInfo : undefined)
  }

  async writeInfo(batch: readonly InfoEntry[]): Promise<void> {
    this.#checkOpen()
    checkInfos(batch)
    for (const { documentId, info } of batch) this.#infos.set(documentId, { ...info })
  }

  async listInfo({ trashed, after, limit }: InfoListOptions): Promise<InfoPage> {
    this.#checkOpen()
    const most = checkLimit(limit)
    const all = [...this.#infos]
      .map(([documentId, info]) => ({ documentId, info }))
      .filter(({ info }) => (info.trashedAt !== null) === trashed)
      .sort((one, other) => comparePlaces(placeOf(one), placeOf(other)))
    const later = all.filter((each) => !after || comparePlaces(placeOf(each), after) > 0)
    const entries = later.slice(0, most)
    const last = entries.at(-1)
    return { entries, next: later.length > most && last ? placeOf(last) : null }
  }

  #find(documentId: string): Entry | undefined {
    this.#checkOpen()
    checkDocumentId(documentId)
    return this.#documents.get(documentId)
  }

  #checkOpen(): void {
    if (!this.#open) throw notOpen()
  }
}

function placeOf({ documentId, info }: InfoEntry): InfoPlace {
  return { documentId, updatedAt: info.updatedAt }
}

function comparePlaces(one: InfoPlace, other: InfoPlace): number {
  const newer = other.updatedAt - one.updatedAt
  return newer === 0
    ? Buffer.compare(Buffer.from(one.documentId), Buffer.from(other.documentId))
    : newer
}

function newEntry(historyId: string): Entry {
  return { historyId, snapshot: null, tail: [], authors: new Map(), readOnlyReason: null }
}

function sharesOf(authors: ReadonlyMap<number, string>): Map<number, string> {
  const shares = new AuthorShares()
  for (const [client, subject] of authors) shares.add(client, subject)
  return shares.authors()
}

function credit({ authors }: Entry, { client, subject }: Author): void {
  if (!authors.has(client)) authors.set(client, subject)
}

function checkOverlap(append: Append, entry: Entry | undefined): number {
  const overlap = overlapOf(
    append,
    entry && { historyId: entry.historyId, lastSeq: lastSeqOf(entry) },
  )
  for (let index = 0; index < overlap; index++) {
    const seq = append.firstSeq + index
    const stored = entry?.tail[seq - snapshotSeqOf(entry) - 1]
    const update = append.updates[index]
    if (stored === undefined || update === undefined || Buffer.compare(stored, update) !== 0) {
      throw conflict(append.documentId, seq)
    }
  }
  return overlap
}

function snapshotSeqOf(entry: Entry): number {
  return entry.snapshot?.upToSeq ?? 0
}

function lastSeqOf(entry: Entry): number {
  return snapshotSeqOf(entry) + entry.tail.length
}

function endsOf(entry: Entry): { lastSeq: number; snapshotSeq: number } {
  return { lastSeq: lastSeqOf(entry), snapshotSeq: snapshotSeqOf(entry) }
}

function copySnapshot(snapshot: Snapshot): Snapshot {
  return { upToSeq: snapshot.upToSeq, parts: snapshot.parts.map((part) => part.slice()) }
}

function bytesOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0)
}

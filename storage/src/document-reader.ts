import { readAuthors } from './author.js'
import { Damage } from './damage.js'
import type { DatabaseView } from './database.js'
import { decodeManifest, SnapshotAssembler } from './chunks.js'
import { decodeHead, firstHead, type StoredHead } from './head.js'
import { documentRange, generationRange, headKey } from './keys.js'
import { decodeRecord, type LogRecord } from './record.js'
import type { Append, Snapshot, StoredDocument } from './store.js'

/**
 * The head of a document, or `undefined` for one that was never stored.
 *
 * @throws Damage also when there is no head but a log or a snapshot: that is a document which lost its head
 */
export async function readHead(
  view: DatabaseView,
  documentId: string,
): Promise<StoredHead | undefined> {
  const key = headKey(documentId)
  const value = await view.get(key)
  if (value !== undefined) return decodeHead(key, value)
  await checkAbsent(view, documentId)
  return undefined
}

/** Nearly every document is new once, so it is one iterator that looks at both places. */
async function checkAbsent(view: DatabaseView, documentId: string): Promise<void> {
  const log = documentRange('log', documentId)
  const snapshot = documentRange('snapshot', documentId)
  await view.skim({ gte: log.gte, lt: snapshot.lt }, (key) => {
    if (Buffer.compare(key, log.lt) < 0) throw new Damage('there is a log but no head')
    if (Buffer.compare(key, snapshot.gte) < 0) return snapshot.gte
    throw new Damage('there is a snapshot but no head')
  })
}

/**
 * The log records after the snapshot, in order, each verified and all of them: unbroken from the head's base to the
 * head's last. The first may begin before the snapshot's end, when it holds numbers on both sides.
 *
 * @throws Damage
 */
export async function* readLog(
  view: DatabaseView,
  documentId: string,
  head: StoredHead,
): AsyncGenerator<LogRecord> {
  let previous = head.base
  let lastSeq = head.snapshotSeq
  let first = true
  for await (const page of view.pages(documentRange('log', documentId))) {
    for (const [key, value] of page) {
      const record = decodeRecord(key, value)
      if (record.previous !== previous) throw new Damage('the log is not the one that was stored')
      const continues = record.firstSeq === lastSeq + 1 && record.lastSeq > lastSeq
      const straddles = first && record.firstSeq <= lastSeq && record.lastSeq > lastSeq
      if (!continues && !straddles) throw new Damage('the log has a hole')
      yield record
      previous = record.checksum
      lastSeq = record.lastSeq
      first = false
    }
  }
  if (previous !== head.last || lastSeq !== head.lastSeq) {
    throw new Damage(`the log ends at ${lastSeq}, the head says ${head.lastSeq}`)
  }
}

/** @throws Damage when the last log record is not the one the head names */
export async function checkLogEnd(
  view: DatabaseView,
  documentId: string,
  head: StoredHead,
): Promise<void> {
  const entry = await view.last(documentRange('log', documentId))
  const end = entry === undefined ? head.base : decodeRecord(...entry).checksum
  if (end !== head.last) throw new Damage('the log does not end where the head says')
}

/** @throws Damage */
async function readSnapshot(
  view: DatabaseView,
  documentId: string,
  head: StoredHead,
): Promise<Snapshot | null> {
  if (head.snapshotSeq === 0) return null
  let assembler: SnapshotAssembler | undefined
  for await (const page of view.pages(generationRange(documentId, head.generation))) {
    for (const [key, value] of page) {
      if (assembler !== undefined) assembler.add(key, value)
      else assembler = new SnapshotAssembler(decodeManifest(key, value, head.manifest))
    }
  }
  const snapshot = assembler?.finish()
  if (snapshot?.upToSeq !== head.snapshotSeq) throw new Damage('the snapshot is missing')
  return snapshot
}

/**
 * Everything there is of a document, all of it verified.
 *
 * @param staged what was appended and may not be in its log yet
 * @throws Damage
 */
export async function readDocument(
  view: DatabaseView,
  documentId: string,
  staged: Append | undefined,
): Promise<StoredDocument | undefined> {
  const head = await readHead(view, documentId)
  if (head === undefined && staged === undefined) return undefined
  const end = head ?? firstHead(staged?.historyId ?? '')
  const { historyId, snapshotSeq, readOnlyReason } = end
  const snapshot = head === undefined ? null : await readSnapshot(view, documentId, head)
  const tail: Uint8Array[] = []
  if (head !== undefined) {
    for await (const record of readLog(view, documentId, head)) {
      for (const update of updatesAfter(record, snapshotSeq)) tail.push(update)
    }
  }
  for (const update of stagedAfter(staged, end)) tail.push(update.slice())
  const tailFirstSeq = snapshotSeq + 1
  const lastSeq = snapshotSeq + tail.length
  const authors = await readAuthors(view, documentId, historyId, staged?.authors)
  return { historyId, snapshot, tail, tailFirstSeq, lastSeq, readOnlyReason, authors }
}

/**
 * The staged updates behind a log's end: they may have been put in their places in the meantime.
 *
 * @throws Damage when they do not continue it
 */
export function stagedAfter(
  staged: Append | undefined,
  { historyId, lastSeq }: { readonly historyId: string; readonly lastSeq: number },
): readonly Uint8Array[] {
  if (staged === undefined) return []
  if (staged.historyId !== historyId || staged.firstSeq > lastSeq + 1) {
    throw new Damage('its log is not the one that was appended to')
  }
  return staged.updates.slice(lastSeq + 1 - staged.firstSeq)
}

/** The updates of a record with numbers above `seq`. */
export function updatesAfter(record: LogRecord, seq: number): readonly Uint8Array[] {
  return record.firstSeq > seq ? record.updates : record.updates.slice(seq + 1 - record.firstSeq)
}

import { authorKeysOf, encodeAuthors } from './author.js'
import { Damage } from './damage.js'
import type { Change, DatabaseView } from './database.js'
import { conflict, overlapOf } from './checks.js'
import { encodeSnapshot } from './chunks.js'
import { checkLogEnd, readHead, readLog, updatesAfter } from './document-reader.js'
import type { GroupLink } from './group.js'
import { encodeHead, firstHead, storedHead, type Head, type StoredHead } from './head.js'
import { documentRange, headKey } from './keys.js'
import type { Pace } from './pace.js'
import { encodeRecord } from './record.js'
import type { Sealed } from './sealed.js'
import type { Append, Snapshot } from './store.js'

/** How one document's head changes; `null` for a document that is not there before or after. */
export interface HeadChange {
  readonly documentId: string
  readonly before: StoredHead | null
  readonly after: StoredHead | null
}

/** What to write for a call, and what heads there will be. */
export interface Plan extends Change {
  readonly heads: readonly HeadChange[]
  /** The last group whose content is in its place with this. */
  readonly settled?: GroupLink
}

/** The plan that puts an append behind what a document's log holds, with the authors that came with it. */
export function planAppend(append: Append, before: StoredHead | undefined): Plan {
  const { documentId, historyId, updates } = append
  const old = before ?? firstHead(historyId)
  const firstSeq = old.lastSeq + 1
  const record = encodeRecord(documentId, firstSeq, old.last, updates)
  const next = {
    ...old,
    lastSeq: old.lastSeq + updates.length,
    bytes: old.bytes + sumOf(updates),
    last: record.checksum,
  }
  return withHead(documentId, before, next, [record, ...encodeAuthors(append, firstSeq)], [])
}

/** @throws Damage when the log that the snapshot replaces is not whole: what is broken is never deleted */
export async function planCompact(
  view: DatabaseView,
  documentId: string,
  head: StoredHead,
  snapshot: Snapshot,
  pace: Pace,
): Promise<Plan> {
  const generation = head.generation + 1
  const sealed = await encodeSnapshot(documentId, generation, snapshot, pace)
  const deletes = await view.keys(documentRange('snapshot', documentId))
  let base = head.base
  let tailBytes = 0
  for await (const record of readLog(view, documentId, head)) {
    if (record.lastSeq <= snapshot.upToSeq) {
      deletes.push(record.key)
      base = record.checksum
    }
    tailBytes += sumOf(updatesAfter(record, snapshot.upToSeq))
  }
  const next = {
    ...head,
    snapshotSeq: snapshot.upToSeq,
    generation,
    bytes: sumOf(snapshot.parts) + tailBytes,
    base,
    manifest: sealed.manifest,
  }
  return withHead(documentId, head, next, sealed.pieces, deletes)
}

export function planMark(documentId: string, head: StoredHead, reason: string | null): Plan {
  return withHead(documentId, head, { ...head, readOnlyReason: reason }, [], [])
}

/** In the head alone; the info says it too. */
export function planTrash(documentId: string, head: StoredHead, trashedAt: number | null): Plan {
  return withHead(documentId, head, { ...head, trashedAt }, [], [])
}

export async function planDelete(
  view: DatabaseView,
  documentId: string,
  head: StoredHead,
): Promise<Plan> {
  const log = await view.keys(documentRange('log', documentId))
  const snapshot = await view.keys(documentRange('snapshot', documentId))
  return {
    puts: [],
    deletes: [headKey(documentId), ...log, ...snapshot, ...(await authorKeysOf(view, documentId))],
    heads: [{ documentId, before: head, after: null }],
  }
}

/** One plan that does what several do. */
export function joinPlans(plans: readonly Plan[]): Plan {
  return {
    puts: plans.flatMap((plan) => plan.puts),
    deletes: plans.flatMap((plan) => plan.deletes),
    heads: plans.flatMap((plan) => plan.heads),
  }
}

/**
 * How many of an append's updates are stored already, after comparing them: an earlier attempt was reported as
 * failed, and its bytes did reach the disk.
 *
 * @throws RangeError when stored and offered bytes differ, or the stored ones are part of a snapshot by now
 * @throws Damage
 */
export async function storedOverlap(
  view: DatabaseView,
  append: Append,
  head: StoredHead | undefined,
): Promise<number> {
  const overlap = overlapOf(append, head)
  if (overlap === 0 || head === undefined) return 0
  if (append.firstSeq <= head.snapshotSeq) throw conflict(append.documentId, append.firstSeq)
  for await (const record of readLog(view, append.documentId, head)) {
    for (const [index, update] of record.updates.entries()) {
      const seq = record.firstSeq + index
      const offered = append.updates[seq - append.firstSeq]
      if (offered !== undefined && Buffer.compare(offered, update) !== 0) {
        throw conflict(append.documentId, seq)
      }
    }
  }
  return overlap
}

/**
 * The stored head, to go on from: the log is seen to end where it says.
 *
 * @param known the head that was stored last, if that is remembered
 * @throws Damage when it is not the stored one, or the log ends elsewhere
 */
export async function readKnownHead(
  view: DatabaseView,
  documentId: string,
  known: StoredHead | undefined,
): Promise<StoredHead | undefined> {
  const stored = await readHead(view, documentId)
  if (known !== undefined && stored?.checksum !== known.checksum) {
    throw new Damage('the head is not the one that was stored last')
  }
  if (stored !== undefined) await checkLogEnd(view, documentId, stored)
  return stored
}

function withHead(
  documentId: string,
  before: StoredHead | undefined,
  next: Head,
  puts: readonly Sealed[],
  deletes: readonly Uint8Array[],
): Plan {
  const sealed = encodeHead(documentId, next)
  const after = storedHead(next, sealed.checksum)
  return {
    puts: [...puts, sealed],
    deletes,
    heads: [{ documentId, before: before ?? null, after }],
  }
}

function sumOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0)
}

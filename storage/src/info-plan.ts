import type { Plan } from './change-plan.js'
import type { DatabaseView } from './database.js'
import { decodeInfo, encodeInfo, placeOf, readStoredInfo } from './info.js'
import { idOfOrder, infoKey, keyBehind, orderKey, orderRange } from './keys.js'
import type { DocumentInfo, InfoEntry, InfoListOptions, InfoPage } from './store.js'

/** @param before what is stored now, if that is readable */
export function planInfo(
  { documentId, info }: InfoEntry,
  before: DocumentInfo | null | undefined,
): Plan {
  const stored = encodeInfo(documentId, info)
  // A place that is taken again is put, and must not be among what is deleted.
  const moves = before && Buffer.compare(placeOf(documentId, before), stored[1].key) !== 0
  return { puts: stored, deletes: moves ? [placeOf(documentId, before)] : [], heads: [] }
}

/** The keys at which something of a document's info is stored. */
export async function infoKeysOf(view: DatabaseView, documentId: string): Promise<Uint8Array[]> {
  const info = await readStoredInfo(view, documentId)
  if (info === undefined) return []
  return info === null ? [infoKey(documentId)] : [infoKey(documentId), placeOf(documentId, info)]
}

/** A page in the order of listings. What is damaged there is looked for under its id. */
export async function listInfos(
  view: DatabaseView,
  { trashed, after, limit }: InfoListOptions & { readonly limit: number },
): Promise<InfoPage> {
  const { gte, lt } = orderRange(trashed)
  const range = { gte: after === undefined ? gte : keyBehind(orderKey(trashed, after)), lt }
  const entries: InfoEntry[] = []
  for await (const page of view.readablePages(range, limit + 1)) {
    for (const [key, value] of page) {
      const entry = await entryAt(view, key, value)
      if (entry === null) continue
      if (entries.length === limit) return { entries, next: placeIn(entries) }
      entries.push(entry)
    }
  }
  return { entries, next: null }
}

function placeIn(entries: readonly InfoEntry[]): InfoPage['next'] {
  const last = entries.at(-1)
  return last === undefined ? null : { updatedAt: last.info.updatedAt, documentId: last.documentId }
}

async function entryAt(
  view: DatabaseView,
  key: Uint8Array,
  value: Uint8Array,
): Promise<InfoEntry | null> {
  const documentId = idOfOrder(key)
  if (documentId === null) return null
  const info = decodeInfo(key, value) ?? (await readStoredInfo(view, documentId))
  // Under its id it may have another place, at which it is found.
  const isHere = info && Buffer.compare(placeOf(documentId, info), key) === 0
  return isHere ? { documentId, info } : null
}

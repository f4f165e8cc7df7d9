import { documentIdFault, type Access } from '@coscribe/shared'
import type { InfoEntry, InfoPlace } from '@coscribe/storage'
import type { Identity } from '../../auth/authenticator.js'
import { reaches } from '../../auth/levels.js'
import type { Documents } from '../../documents.js'
import type { Gate } from '../../transport/gate.js'

/** Which documents somebody wants to see. */
export interface Wanted {
  /** Those in the trash, or those that are not. */
  readonly trashed: boolean
  /** What a title or an id holds, in any case; empty for all. */
  readonly search: string
  readonly after: InfoPlace | null
  readonly limit: number
}

/** A document, and what whoever asks may do with it. */
interface SeenDocument extends InfoEntry {
  readonly access: Access
}

export interface SeenPage {
  readonly documents: readonly SeenDocument[]
  /** Where to go on, or `null` at the end. */
  readonly next: InfoPlace | null
}

/** Documents that are looked at for one answer; then it tells where to go on, with what was found. */
const MAX_SCANNED = 5_000
const SCAN_PAGE = 500
/** Up to so many that are named one by one are looked up; more are looked for among all. */
const MAX_NAMED = 1_000

/**
 * A page of the documents that somebody may read, by what their credential says and what was decided since: where an
 * application decides document by document, it is not asked about each of them.
 */
export async function listSeen(
  documents: Documents,
  gate: Gate,
  identity: Identity,
  wanted: Wanted,
): Promise<SeenPage> {
  const look = lookOf(gate, identity, wanted)
  const named = gate.isOpen || readsPrefix(identity) ? null : gate.documentsOf(identity)
  if (named !== null && named.size <= MAX_NAMED) return listNamed(documents, named, look, wanted)
  return scan(documents, look, wanted)
}

type Look = (entry: InfoEntry) => SeenDocument | null

/** Tells what somebody sees of a document, `null` for nothing. */
function lookOf(gate: Gate, identity: Identity, { search }: Wanted): Look {
  const needle = folded(search)
  return (entry) => {
    const access = gate.isOpen ? 'admin' : gate.accessTo(identity, entry.documentId)
    if (!reaches(access, 'read')) return null
    const matches =
      needle === '' ||
      folded(entry.info.title).includes(needle) ||
      folded(entry.documentId).includes(needle)
    return matches ? { ...entry, access } : null
  }
}

function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

function readsPrefix({ grants }: Identity): boolean {
  for (const access of grants.prefixes.values()) if (reaches(access, 'read')) return true
  return false
}

async function listNamed(
  documents: Documents,
  ids: ReadonlySet<string>,
  look: Look,
  { trashed, after, limit }: Wanted,
): Promise<SeenPage> {
  const found: SeenDocument[] = []
  for (const documentId of ids) {
    // A credential may name what can never be a document.
    if (documentIdFault(documentId) !== null) continue
    const info = await documents.find(documentId)
    if (info === undefined || (info.trashedAt !== null) !== trashed) continue
    const seen = look({ documentId, info })
    if (seen !== null && (after === null || isBehind(placeOf(seen), after))) found.push(seen)
  }
  found.sort((one, other) => (isBehind(placeOf(one), placeOf(other)) ? 1 : -1))
  return pageOf(found, limit)
}

function pageOf(found: readonly SeenDocument[], limit: number): SeenPage {
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return { documents: page, next: found.length > limit && last ? placeOf(last) : null }
}

async function scan(documents: Documents, look: Look, wanted: Wanted): Promise<SeenPage> {
  const { trashed, limit } = wanted
  const found: SeenDocument[] = []
  let after = wanted.after
  for (let scanned = 0; scanned < MAX_SCANNED;) {
    const options = { trashed, limit: SCAN_PAGE, ...(after === null ? {} : { after }) }
    const { entries, next } = await documents.list(options)
    for (const entry of entries) {
      const seen = look(entry)
      if (seen !== null) found.push(seen)
      if (found.length > limit) return pageOf(found, limit)
    }
    scanned += entries.length
    after = next
    if (after === null) break
  }
  return { documents: found, next: after }
}

function placeOf({ documentId, info }: InfoEntry): InfoPlace {
  return { documentId, updatedAt: info.updatedAt }
}

/** Whether a place comes after another in the order of listings. */
function isBehind(place: InfoPlace, other: InfoPlace): boolean {
  if (place.updatedAt !== other.updatedAt) return place.updatedAt < other.updatedAt
  return Buffer.compare(Buffer.from(place.documentId), Buffer.from(other.documentId)) > 0
}

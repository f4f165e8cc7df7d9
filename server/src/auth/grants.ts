import type { Access } from '@coscribe/shared'

/** What somebody may do, per document. */
export interface Grants {
  /** By document id. */
  readonly documents: ReadonlyMap<string, Access>
  /** By what a document id begins with. */
  readonly prefixes: ReadonlyMap<string, Access>
}

/**
 * What `grants` say about a document: what they say of its id itself, else of the longest prefix of it, else `none`. So
 * what is more special decides, and can also take away.
 */
export function accessTo(documentId: string, { documents, prefixes }: Grants): Access {
  const own = documents.get(documentId)
  if (own !== undefined) return own
  let longest = -1
  let access: Access = 'none'
  for (const [prefix, granted] of prefixes) {
    if (prefix.length <= longest || !documentId.startsWith(prefix)) continue
    longest = prefix.length
    access = granted
  }
  return access
}

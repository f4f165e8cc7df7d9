import type { TokenSource } from '../credential.js'
import { IndexedDbStore } from './indexed-db-store.js'
import { NoCopy } from './no-copy.js'
import type { OfflineStore } from './offline-store.js'

/** A copy of a document for its owner, as {@link copyOwner} has them, or none for nobody in particular. */
export function copyOf(url: string, doc: string, owner: string | null | undefined): OfflineStore {
  if (owner === null) return new NoCopy()
  return new IndexedDbStore({ url, doc, ...(owner === undefined ? {} : { user: owner }) })
}

/**
 * Whether the copy of the one is not to be gone on with by the other, as {@link copyOwner} has them: it is of somebody, and
 * this is somebody else, or nobody here knows who.
 */
export function isOtherOwner(
  one: string | null | undefined,
  two: string | null | undefined,
): boolean {
  return typeof one === 'string' && two !== undefined && one !== two
}

/**
 * Whose copy on this device a document's is: the user who is named, or whom the token names. `undefined` where nobody is
 * asked who they are, and `null` where somebody is and nobody here knows who: what one such person leaves, the next one
 * would find.
 */
export function copyOwner(
  user: string | null | undefined,
  token: TokenSource | null | undefined,
): string | null | undefined {
  if (user) return user
  if (!token) return undefined
  return typeof token === 'string' ? subjectOf(token) : null
}

/** Whom a JSON web token names. Only the server can tell whether it is true, and without it nobody comes in. */
function subjectOf(token: string): string | null {
  try {
    const base64 = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
    const { sub } = JSON.parse(new TextDecoder().decode(bytes)) as { readonly sub?: unknown }
    return typeof sub === 'string' && sub !== '' ? sub : null
  } catch {
    // The one way to get here: the token is of another kind, which only the server can read.
    return null
  }
}

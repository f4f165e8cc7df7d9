import { systemClock, type Clock } from '@coscribe/shared'
import { documentKey } from './document-key.js'
import { openUpdates } from './update-database.js'
import { within } from './within.js'

/** Whose copies of which server's documents. */
export interface KeptDocumentsOptions {
  /** The server's address, as given to `connect`. */
  readonly url: string
  /** As given to the store. */
  readonly user?: string
  readonly clock?: Clock
}

const READ_MS = 3_000

/**
 * The ids of the documents of which there is a copy in this browser's IndexedDB, at most 1,000.
 *
 * @throws the browser's error when there is no IndexedDB, or it cannot be opened or read within 3 s
 */
export async function keptDocuments({
  url,
  user,
  clock = systemClock,
}: KeptDocumentsOptions): Promise<readonly string[]> {
  const prefix = documentKey({ url, doc: '', ...(user === undefined ? {} : { user }) })
  return within(clock, READ_MS, 'the browser does not open its database', async () => {
    const database = await openUpdates(() => undefined)
    try {
      const keys = await database.documents(prefix)
      return keys.map((key) => key.slice(prefix.length))
    } finally {
      database.close()
    }
  })
}

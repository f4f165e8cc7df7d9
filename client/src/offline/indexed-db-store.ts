import { systemClock, systemRandom, type Clock } from '@coscribe/shared'
import * as Y from 'yjs'
import { BrowserTabs } from './browser-tabs.js'
import { documentKey } from './document-key.js'
import { browserTabs, type TabHost } from './host-tabs.js'
import { OfflineStore, type OfflineCopy } from './offline-store.js'
import { openUpdates, type UpdateDatabase } from './update-database.js'
import { within } from './within.js'

/** Which document to keep, and where. */
export interface IndexedDbStoreOptions {
  /** The server's address, as given to `connect`: two servers may have documents of the same name. */
  readonly url: string
  /** The document's id. */
  readonly doc: string
  /** Whose copy it is: one person's edits are not sent in the name of the next one who uses this browser. */
  readonly user?: string
  readonly clock?: Clock
  /** What tabs talk through; the browser by default, `null` keeps this one out of it. */
  readonly tabs?: TabHost | null
}

/** A database that does not answer must not keep a document from opening. */
const OPEN_MS = 3_000
const WRITE_MS = 10_000
/** Records of a document above which they are merged into one. */
const COMPACT_ABOVE = 400

/**
 * A copy of one document in this browser's IndexedDB, for `connect({ offline })`.
 *
 * Several tabs may keep the same document, and talk to each other while they have no server. One of them, which holds
 * a Web Lock, keeps the copy up; the others add what was written in them. Where the browser has no Web Locks each tab
 * adds all that it learns: more is written, and nothing is lost.
 */
export class IndexedDbStore extends OfflineStore {
  override readonly tabs: BrowserTabs | null
  readonly #key: string
  readonly #clock: Clock
  #askedToKeep = false
  #database: Promise<UpdateDatabase> | null = null
  /** Why what was kept may be gone. */
  #lost: Error | null = null
  #onLost: ((error: Error) => void) | null = null

  constructor(options: IndexedDbStoreOptions) {
    super()
    const { url, doc, user, clock = systemClock, tabs: host = browserTabs } = options
    this.#key = documentKey({ url, doc, ...(user === undefined ? {} : { user }) })
    this.#clock = clock
    const setup = { key: this.#key, user, clock, random: systemRandom }
    this.tabs = host === null ? null : new BrowserTabs({ ...setup, host })
  }

  /** @throws the browser's error when there is no IndexedDB, or it cannot be opened or read within 3 s */
  override async load(): Promise<OfflineCopy> {
    return within(this.#clock, OPEN_MS, 'the browser does not open its database', async () => {
      const database = await this.#open()
      const copy = await database.read(this.#key)
      // Whoever has read it knows what is there.
      this.#lost = null
      return copy
    })
  }

  /** @throws the browser's error when it cannot be written within 10 s; a full disk is `QuotaExceededError` */
  override async append(updates: readonly Uint8Array[], historyId: string): Promise<void> {
    // Another database would take it, without what came before and what this depends on.
    if (this.#lost !== null) throw this.#lost
    const records = await within(
      this.#clock,
      WRITE_MS,
      'the browser does not write to its database',
      async () => {
        const database = await this.#open()
        return database.append(this.#key, updates, historyId)
      },
    )
    if (records > COMPACT_ABOVE) await this.#compact()
  }

  override onLost(lost: (error: Error) => void): void {
    this.#onLost = lost
  }

  /** @throws the browser's error when it cannot be written within 10 s */
  override async forget(): Promise<void> {
    await within(this.#clock, WRITE_MS, 'the browser does not write to its database', async () => {
      const database = await this.#open()
      await database.forget(this.#key)
    })
  }

  /** Asks the browser, once, not to clear its databases when space runs short. It may say no, and nothing changes. */
  override onlyHere(): void {
    if (this.#askedToKeep) return
    this.#askedToKeep = true
    const { storage } = (globalThis as { navigator?: { storage?: StorageManager } }).navigator ?? {}
    storage?.persist?.().catch(() => {
      // Some browsers refuse by rejecting.
    })
  }

  override close(): void {
    this.#database?.then(
      (database) => database.close(),
      // It was never open.
      () => undefined,
    )
    this.#database = null
  }

  /** What was appended is safe already, so a failed compaction is only a larger database. */
  async #compact(): Promise<void> {
    try {
      const database = await this.#open()
      await database.compact(this.#key, (updates) => Y.mergeUpdates([...updates]))
    } catch {
      // The cases: no room for the merged record beside the old ones, or the database was closed meanwhile. The next
      // append tries again, and says so if it cannot write either.
    }
  }

  /** Opens it once; after a failure, again. */
  #open(): Promise<UpdateDatabase> {
    this.#database ??= openUpdates(() => {
      this.#database = null
      this.#lost = new Error('the browser has closed its database, or cleared it')
      this.#onLost?.(this.#lost)
    }).catch((error: unknown) => {
      this.#database = null
      throw error
    })
    return this.#database
  }
}

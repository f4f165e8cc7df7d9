import { cleanTitle, CoscribeError, type Clock } from '@coscribe/shared'
import {
  unknownInfo,
  type DocumentInfo,
  type DocumentStore,
  type InfoPage,
} from '@coscribe/storage'
import type { Asker } from './asker.js'
import type { Audit } from './audit.js'
import type { InfoBook } from './persistence/info-book.js'
import { IN_TRASH, MAY_ONLY_READ } from './rooms/refusals.js'
import type { Titles } from './transport/renames.js'

/** What is asked of the rooms. */
interface DocumentRooms {
  /** Puts out whoever has a document open. */
  expel(documentId: string, name: 'trashed', reason: string): void
  /** Whether a document is in memory, or on its way there. */
  has(documentId: string): boolean
  /** Resolves when what was received for a document is on disk, or was given up: with which of these. */
  settled(documentId: string): Promise<boolean>
}

export interface DocumentsSetup {
  readonly store: Pick<DocumentStore, 'listInfo' | 'load' | 'stat' | 'delete'>
  readonly infos: InfoBook
  readonly rooms: DocumentRooms
  /** Holds a document's place in the store while it is removed. */
  readonly turns: { take(documentId: string): Promise<() => void> }
  readonly audit: Audit
  readonly clock: Clock
}

/**
 * Why something was not done: there is no such document, there is one already, it is in the trash or on its way there, or
 * whoever asked may not any more.
 */
export type DocumentFault = 'absent' | 'exists' | 'trashed' | 'busy' | 'forbidden'

/** How long it may take to bring to disk what was written before a document goes into the trash, in milliseconds. */
const SETTLE_MS = 5_000

/**
 * Documents as things that have a title, are made, thrown away and brought back. Whoever calls has made sure that it is
 * allowed; it is asked again before anything is written.
 */
export class Documents implements Titles {
  readonly #setup: DocumentsSetup

  constructor(setup: DocumentsSetup) {
    this.#setup = setup
  }

  /** What is known of a document, `undefined` if nothing was ever stored of it. */
  find(documentId: string): Promise<DocumentInfo | undefined> {
    return this.#setup.infos.read(documentId)
  }

  /** A page of what is stored, as {@link DocumentStore.listInfo}. */
  list(options: Parameters<DocumentStore['listInfo']>[0]): Promise<InfoPage> {
    return this.#setup.store.listInfo(options)
  }

  /** @throws CoscribeError `storage-unavailable` */
  async create(
    documentId: string,
    title: string,
    asker: Asker,
  ): Promise<DocumentInfo | DocumentFault> {
    const now = this.#now()
    const made = { title: cleanTitle(title), createdAt: now, createdBy: asker.by, updatedAt: now }
    return this.#change('document-created', documentId, asker, (before) =>
      before === undefined ? { ...unknownInfo, ...made } : 'exists',
    )
  }

  /** @throws CoscribeError when it was not done */
  async rename(documentId: string, title: string, asker: Asker): Promise<void> {
    const outcome = await this.retitle(documentId, title, asker, true)
    if (outcome === 'trashed') throw new CoscribeError('trashed', IN_TRASH)
    if (outcome === 'forbidden') throw new CoscribeError('read-only', MAY_ONLY_READ)
  }

  /**
   * Gives a document another title. It is on disk before anybody is shown it.
   *
   * @param makes whether the title makes a document of an id that nobody has written under yet
   * @throws CoscribeError `storage-unavailable`
   */
  async retitle(
    documentId: string,
    title: string,
    asker: Asker,
    makes: boolean,
  ): Promise<DocumentInfo | DocumentFault> {
    const wanted = cleanTitle(title)
    const now = this.#now()
    const made = { ...unknownInfo, createdAt: now, createdBy: asker.by }
    return this.#change(
      'document-renamed',
      documentId,
      asker,
      (before = makes ? made : undefined) => {
        if (before === undefined) return 'absent'
        if (before.trashedAt !== null) return 'trashed'
        if (before.title === wanted) return before
        return { ...before, title: wanted, updatedAt: Math.max(now, before.updatedAt) }
      },
    )
  }

  /**
   * Puts a document into the trash. Once the disk is known to work its sessions are over and nobody comes in; it is
   * answered when everything that was received before is on disk, and the trash as well.
   *
   * @throws CoscribeError `storage-unavailable`: it is where it was, or the disk has it in the trash all the same
   */
  async trash(documentId: string, asker: Asker): Promise<DocumentInfo | DocumentFault> {
    const { infos, rooms } = this.#setup
    const { by } = asker
    // Nobody is put out for a disk that does not take it, nor of a document that there is not.
    await this.#settle(documentId)
    const found = await infos.change(documentId, (before) => before && { ...before })
    if (found === undefined) return 'absent'
    if (!asker.stillMay()) return 'forbidden'
    if (!infos.shut(documentId)) return 'busy'
    try {
      rooms.expel(documentId, 'trashed', IN_TRASH)
      await this.#settle(documentId)
      const trashedAt = this.#now()
      return await this.#change('document-trashed', documentId, asker, (before) => {
        if (before === undefined) return 'absent'
        return before.trashedAt === null ? { ...before, trashedAt, trashedBy: by } : before
      })
    } finally {
      infos.unshut(documentId)
    }
  }

  /**
   * Takes a document out of the trash: it can be opened again, with everything that it had.
   *
   * @throws CoscribeError `storage-unavailable`
   */
  restore(documentId: string, asker: Asker): Promise<DocumentInfo | DocumentFault> {
    return this.#change('document-restored', documentId, asker, (before) => {
      if (before === undefined) return 'absent'
      return before.trashedAt === null ? before : { ...before, trashedAt: null, trashedBy: null }
    })
  }

  /**
   * Removes a document for good that has been in the trash since before `before`, as both its info and its own records
   * say. Returns whether it did.
   *
   * @throws CoscribeError `document-unavailable` for a damaged one, which is kept; `storage-unavailable`
   */
  async purge(documentId: string, before: number): Promise<boolean> {
    const { infos, rooms, store, turns, audit } = this.#setup
    if (rooms.has(documentId) || !infos.shut(documentId)) return false
    const giveBack = await turns.take(documentId)
    try {
      const info = await infos.read(documentId)
      const trashedAt = info?.trashedAt ?? null
      if (trashedAt === null || trashedAt >= before || rooms.has(documentId)) return false
      // Read as a whole, since what is damaged anywhere is kept for whoever can repair it.
      if ((await store.load(documentId)) !== undefined) {
        const stat = await store.stat(documentId)
        if (stat?.trashedAt !== trashedAt) return false
      }
      await store.delete(documentId)
      audit.record({ event: 'document-purged', documentId })
      return true
    } finally {
      giveBack()
      infos.unshut(documentId)
    }
  }

  /** @param change gives the same info back to leave it as it is, or says why not */
  async #change(
    event: 'document-created' | 'document-renamed' | 'document-trashed' | 'document-restored',
    documentId: string,
    { by, stillMay }: Asker,
    change: (before: DocumentInfo | undefined) => DocumentInfo | DocumentFault,
  ): Promise<DocumentInfo | DocumentFault> {
    let fault: DocumentFault | null = null
    let changed = false
    const info = await this.#setup.infos.change(documentId, (before) => {
      const after = stillMay() ? change(before) : 'forbidden'
      if (typeof after === 'string') fault = after
      changed = after !== before && fault === null
      return changed ? (after as DocumentInfo) : null
    })
    if (fault !== null || info === undefined) return fault ?? 'absent'
    if (changed) this.#setup.audit.record({ event, documentId, ...(by === null ? {} : { by }) })
    return info
  }

  /** Resolves when what is being written at the moment is on disk, or is not. */
  settled(): Promise<void> {
    return this.#setup.infos.settled()
  }

  /** Resolves when everything that was received is on disk; rejects when it is not within a while. */
  async #settle(documentId: string): Promise<void> {
    const { rooms, clock } = this.#setup
    const isOnDisk = await new Promise<boolean>((resolve, reject) => {
      const cancel = clock.after(SETTLE_MS, () => resolve(false))
      rooms.settled(documentId).then(resolve, reject).finally(cancel)
    })
    if (isOnDisk) return
    throw new CoscribeError('storage-unavailable', 'the last edits are not on disk')
  }

  #now(): number {
    return Math.floor(this.#setup.clock.wallTime())
  }
}

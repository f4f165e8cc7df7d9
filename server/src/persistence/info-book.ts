import { CoscribeError, type Cancel, type Clock } from '@coscribe/shared'
import type { DocumentInfo, DocumentStore } from '@coscribe/storage'
import type { Logger } from '../log.js'
import type { DocumentTurns } from './document-turns.js'
import { OpenInfo } from './open-info.js'

export interface InfoBookSetup {
  readonly store: Pick<DocumentStore, 'readInfo' | 'writeInfo'>
  readonly turns: DocumentTurns
  readonly clock: Clock
  readonly logger: Logger
}

/** What edits change is written after this time, in milliseconds, together for all documents… */
const GATHER_MS = 1_000
/** …and for one document this often at most. */
const REWRITE_MS = 60_000
/** After a write that failed. */
const RETRY_MS = 5_000
const BATCH = 1_000
/** So many documents that nobody has open are remembered until it is written when they changed. */
const MAX_LEFT = 1_000

/** Says what an info becomes; nothing leaves it as it is. */
export type InfoChange = (before: DocumentInfo | undefined) => DocumentInfo | null | undefined

/**
 * Titles, and when documents were changed. A change that somebody asks for is on disk before anybody is shown it. That
 * a document was edited is written about a second later, of many documents at once, and once a minute for each: after
 * a crash a document may say that it is a minute older than it is, and nothing else of it.
 *
 * Held are the infos of open documents, and of up to 1,000 others whose last edit is to be written.
 */
export class InfoBook {
  readonly #setup: InfoBookSetup
  readonly #open = new Map<string, OpenInfo>()
  /** Edited, and not written. */
  readonly #dirty = new Set<OpenInfo>()
  /** Those of them that nobody has open any more, the longest first. */
  readonly #left = new Set<OpenInfo>()
  readonly #shut = new Set<string>()
  /** Changes that were asked for and are being written: one for each request that waits for it. */
  readonly #changing = new Set<Promise<void>>()
  #cancel: Cancel | null = null
  /** When it is time, by the clock, while that is planned. */
  #plannedAt = Infinity
  #writing: Promise<void> | null = null
  #closed = false

  constructor(setup: InfoBookSetup) {
    this.#setup = setup
  }

  /**
   * Holds the info of a document until {@link close}.
   *
   * @throws CoscribeError `document-unavailable` when nothing can be read; a damaged info is no reason
   */
  async open(documentId: string): Promise<OpenInfo> {
    const giveBack = await this.#setup.turns.take(documentId)
    try {
      let info = this.#open.get(documentId)
      if (info === undefined) {
        info = new OpenInfo(documentId, await this.#stored(documentId))
        this.#open.set(documentId, info)
      }
      info.holders++
      this.#left.delete(info)
      return info
    } finally {
      giveBack()
    }
  }

  async #stored(documentId: string): Promise<DocumentInfo | undefined> {
    try {
      return await this.#setup.store.readInfo(documentId)
    } catch (cause) {
      const message = `document "${documentId}" is unavailable: it cannot be read`
      throw new CoscribeError('document-unavailable', message, { cause })
    }
  }

  /** What {@link open} gave is of no use any more. */
  close(info: OpenInfo): void {
    info.holders--
    if (info.holders > 0) return
    info.owner = null
    if (!this.#dirty.has(info)) return this.#forget(info)
    this.#left.add(info)
    for (const longest of this.#left) {
      if (this.#left.size <= MAX_LEFT) break
      this.#forget(longest)
    }
    this.#plan(GATHER_MS)
  }

  /** Documents of which something is held. */
  get size(): number {
    return this.#open.size
  }

  /** Edits of the document are on disk. */
  edited(info: OpenInfo): void {
    const isNews = info.editedAt === 0
    info.editedAt = Math.floor(this.#setup.clock.wallTime())
    if (!isNews) return
    this.#dirty.add(info)
    this.#plan(GATHER_MS)
  }

  /** What is known of a document now; `undefined` if there is nothing of it. */
  async read(documentId: string): Promise<DocumentInfo | undefined> {
    const open = this.#open.get(documentId)
    return open === undefined ? this.#setup.store.readInfo(documentId) : open.current()
  }

  /**
   * Changes an info, durably, and tells the room. Resolves with what it is then.
   *
   * @throws CoscribeError `storage-unavailable` or `document-unavailable`: it is as it was, or the disk has it all the same
   */
  async change(documentId: string, change: InfoChange): Promise<DocumentInfo | undefined> {
    const { turns, store, clock } = this.#setup
    const giveBack = await turns.take(documentId)
    try {
      const before = await this.read(documentId)
      const after = change(before)
      if (!after) return before
      const writing = store.writeInfo([{ documentId, info: after }])
      this.#changing.add(writing)
      await writing.finally(() => this.#changing.delete(writing))
      const open = this.#open.get(documentId)
      open?.take(after, clock.now())
      if (open?.editedAt === 0) this.#forget(open)
      return after
    } finally {
      giveBack()
    }
  }

  /** Resolves when the changes that are being written are on disk, or are not. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#changing)
  }

  /** From this turn on nobody may enter the document, until {@link unshut}. Returns `false` if that is so already. */
  shut(documentId: string): boolean {
    if (this.#shut.has(documentId)) return false
    this.#shut.add(documentId)
    return true
  }

  unshut(documentId: string): void {
    this.#shut.delete(documentId)
  }

  /** Whether nobody may enter a document: it is in the trash, or on its way there. */
  refuses(documentId: string): boolean {
    return this.#shut.has(documentId) || this.#open.get(documentId)?.isTrashed === true
  }

  /** Writes what is to be written. Call it when no edit can come any more; what fails is given up. */
  async finish(): Promise<void> {
    this.#closed = true
    this.#cancel?.()
    this.#cancel = null
    await this.#writing
    await this.#writeDue(true)
  }

  #plan(delayMs: number): void {
    const at = this.#setup.clock.now() + delayMs
    if (this.#closed || this.#writing !== null || this.#plannedAt <= at) return
    this.#cancel?.()
    this.#plannedAt = at
    this.#cancel = this.#setup.clock.after(delayMs, () => {
      this.#cancel = null
      this.#plannedAt = Infinity
      this.#writing = this.#writeDue(false).then((worked) => {
        this.#writing = null
        if (this.#dirty.size > 0) this.#plan(worked ? this.#waitMs() : RETRY_MS)
      })
    })
  }

  /** Until the next of those that wait may be written. */
  #waitMs(): number {
    const now = this.#setup.clock.now()
    let wait = REWRITE_MS
    for (const info of this.#dirty) wait = Math.min(wait, this.#dueAt(info) - now)
    return Math.max(wait, GATHER_MS)
  }

  #dueAt({ holders, writtenAt }: OpenInfo): number {
    return holders === 0 ? -Infinity : writtenAt + REWRITE_MS
  }

  /** Never rejects; resolves with whether the disk took it. */
  async #writeDue(all: boolean): Promise<boolean> {
    const { clock, turns } = this.#setup
    const now = clock.now()
    let worked = true
    const due = [...this.#dirty].filter((info) => all || this.#dueAt(info) <= now)
    for (let start = 0; start < due.length; start += BATCH) {
      // What is being written at the moment comes later.
      const batch = due
        .slice(start, start + BATCH)
        .filter(({ documentId }) => turns.tryTake(documentId))
      if (!(await this.#write(batch))) worked = false
      for (const { documentId } of batch) turns.giveBack(documentId)
    }
    return worked
  }

  async #write(batch: readonly OpenInfo[]): Promise<boolean> {
    const { store, clock, logger } = this.#setup
    const entries = batch.flatMap((open) => {
      const info = open.current()
      return info === undefined ? [] : [{ open, documentId: open.documentId, info }]
    })
    try {
      await store.writeInfo(entries)
    } catch (error) {
      return this.#failed(batch, error)
    }
    for (const { open, info } of entries) {
      open.take(info, clock.now())
      if (open.editedAt === 0) this.#forget(open)
    }
    logger.debug({ documents: entries.length }, 'the times of change were written')
    return true
  }

  /** One document that was set aside, or whose info cannot be stored, must not keep the others from being written. */
  async #failed(batch: readonly OpenInfo[], error: unknown): Promise<boolean> {
    const { logger } = this.#setup
    const isOfOne =
      error instanceof RangeError ||
      (error instanceof CoscribeError && error.code === 'document-unavailable')
    if (!isOfOne) {
      logger.warn({ err: error }, 'the times of change could not be written')
      return false
    }
    if (batch.length > 1) {
      let worked = true
      for (const open of batch) if (!(await this.#write([open]))) worked = false
      return worked
    }
    for (const open of batch) {
      logger.warn({ err: error, documentId: open.documentId }, 'a time of change cannot be kept')
      this.#forget(open)
    }
    return true
  }

  /** There is nothing to be written, or that is given up. */
  #forget(open: OpenInfo): void {
    this.#dirty.delete(open)
    this.#left.delete(open)
    if (open.holders === 0) this.#open.delete(open.documentId)
  }
}

import { CoscribeError, type Cancel, type Clock } from '@coscribe/shared'
import type { InfoPlace } from '@coscribe/storage'
import type { Documents } from './documents.js'
import type { Logger } from './log.js'

export interface TrashSweepSetup {
  readonly documents: Pick<Documents, 'list' | 'purge'>
  /** How many days a document stays in the trash; 0: for ever. */
  readonly days: number
  readonly clock: Clock
  readonly logger: Logger
}

const DAY_MS = 24 * 3_600_000
/** After the start, which has enough to do. */
const FIRST_MS = 60_000
const INTERVAL_MS = 3_600_000
const PAGE = 100

/** Removes for good what has been in the trash for long: hourly, one document after the other, a page at a time. */
export class TrashSweep {
  readonly #setup: TrashSweepSetup
  #cancel: Cancel | null = null
  #sweeping: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(setup: TrashSweepSetup) {
    this.#setup = setup
  }

  start(): void {
    if (this.#setup.days > 0) this.#plan(FIRST_MS)
  }

  /** Resolves when it does nothing any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
    this.#cancel = null
    await this.#sweeping
  }

  #plan(delayMs: number): void {
    this.#cancel = this.#setup.clock.after(delayMs, () => {
      this.#sweeping = this.#sweep().then(() => {
        if (!this.#stopped) this.#plan(INTERVAL_MS)
      })
    })
  }

  /** Never rejects: what cannot be removed now is tried again in an hour. */
  async #sweep(): Promise<void> {
    const { documents, days, clock, logger } = this.#setup
    const before = clock.wallTime() - days * DAY_MS
    try {
      let after: InfoPlace | null | undefined
      while (after !== null && !this.#stopped) {
        const place = after === undefined ? {} : { after }
        const page = await documents.list({ trashed: true, limit: PAGE, ...place })
        for (const { documentId, info } of page.entries) {
          const isDue = info.trashedAt !== null && info.trashedAt < before
          if (isDue && !this.#stopped) await this.#purge(documentId, before)
        }
        after = page.next
      }
    } catch (error) {
      logger.warn({ err: error }, 'the trash could not be emptied')
    }
  }

  async #purge(documentId: string, before: number): Promise<void> {
    const { documents, logger } = this.#setup
    try {
      if (await documents.purge(documentId, before)) {
        logger.info({ documentId }, 'a document was removed for good')
      }
    } catch (error) {
      const isDamaged = error instanceof CoscribeError && error.code === 'document-unavailable'
      if (!isDamaged) throw error
      logger.warn({ documentId }, 'a damaged document stays in the trash')
    }
  }
}

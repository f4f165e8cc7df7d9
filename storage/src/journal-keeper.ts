import type { Clock } from '@coscribe/shared'
import type { Journal } from './journal.js'
import type { Ledger } from './ledger.js'
import type { StoreLogger, StoreSetup } from './opening.js'

/** How long a journal entry stays unflushed while commits go on. */
const FLUSH_MS = 1_000

/**
 * Keeps the journal in step with the commits, as well as it can: a journal that cannot be written does not undo a
 * commit. The commit record, or the next group, vouches for one that is missing.
 */
export class JournalKeeper {
  readonly #journal: Journal
  readonly #clock: Clock
  readonly #logger: StoreLogger
  /** With durability `os` the journal has no entries. */
  readonly #strict: boolean
  #behind = false
  #flushedAt = -Infinity

  constructor(journal: Journal, { clock, logger, durability }: StoreSetup) {
    this.#journal = journal
    this.#clock = clock
    this.#logger = logger
    this.#strict = durability === 'fsync'
  }

  /** The ledger changed in a way that no entry tells: the next one will be a checkpoint. */
  behind(): void {
    this.#behind = true
  }

  /** Call it after a commit is durable and before it is acknowledged; `add` says whether there was room. */
  async note(ledger: Ledger, add: (journal: Journal) => boolean): Promise<void> {
    if (!this.#strict) return
    try {
      if (this.#behind || !add(this.#journal)) await this.#journal.checkpoint(ledger)
      this.#behind = false
      this.#flush()
    } catch (error) {
      if (!this.#behind) {
        this.#logger.warn({ err: error }, 'the integrity journal cannot be written')
      }
      this.#behind = true
    }
  }

  #flush(): void {
    const now = this.#clock.now()
    if (now - this.#flushedAt < FLUSH_MS) return
    const begun = this.#journal.flush((error) => {
      this.#logger.warn({ err: error }, 'the integrity journal cannot be flushed')
    })
    if (begun) this.#flushedAt = now
  }
}

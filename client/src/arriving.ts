import type { Cancel, Clock } from '@coscribe/shared'

/** How long what came first waits for the rest, in milliseconds… */
const HOLD_MS = 2_000
/** …and how much of it, in bytes. */
const HOLD_BYTES = 32 * 1024 * 1024

/**
 * What comes of a document while it is opened, before all of it is there: it is put into the document together, since that
 * costs a fraction of putting in one piece after the other, and every two seconds on a line that takes longer.
 */
export class Arriving {
  readonly #clock: Clock
  readonly #due: () => void
  #updates: Uint8Array[] = []
  #bytes = 0
  #cancel: Cancel | null = null

  /** @param due called when what is held is to be taken, however much is still to come */
  constructor(clock: Clock, due: () => void) {
    this.#clock = clock
    this.#due = due
  }

  add(update: Uint8Array): void {
    this.#updates.push(update)
    this.#bytes += update.length
    if (this.#bytes >= HOLD_BYTES) this.#due()
    else this.#cancel ??= this.#clock.after(HOLD_MS, this.#due)
  }

  /** What was held, in its order, and is not any more. */
  take(): readonly Uint8Array[] {
    this.#cancel?.()
    this.#cancel = null
    const updates = this.#updates
    this.#updates = []
    this.#bytes = 0
    return updates
  }
}

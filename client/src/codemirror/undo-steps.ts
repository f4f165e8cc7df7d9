import type { Transaction } from '@codemirror/state'
import type { Clock } from '@coscribe/shared'

/** A pause of this length ends a step. */
const PAUSE_MS = 500

/** Decides which changes are undone together. */
export class UndoSteps {
  readonly #clock: Clock
  #changedAt = -Infinity
  /** What kind of change the current step is made of, or `null` when there is no current one. */
  #kind: string | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether `transaction`, which changes the text, begins a new step. */
  begins(transaction: Transaction): boolean {
    const now = this.#clock.now()
    const kind = kindOf(transaction)
    const paused =
      now - this.#changedAt > PAUSE_MS && !transaction.isUserEvent('input.type.compose')
    const begins = paused || kind === 'whole' || kind !== this.#kind
    this.#changedAt = now
    this.#kind = kind
    return begins
  }

  /** The next change begins a new step. */
  end(): void {
    this.#kind = null
  }
}

function kindOf(transaction: Transaction): string {
  const event = (name: string): boolean => transaction.isUserEvent(name)
  if (event('input.paste') || event('input.drop') || event('move') || event('delete.cut')) {
    return 'whole'
  }
  if (event('delete')) return 'delete'
  return event('input') ? 'input' : 'other'
}

import type { Clock } from '@coscribe/shared'

/** What happens at the end of a turn. */
export interface Ending {
  turnEnded(): void
}

/**
 * The end of the present turn of the event loop, as all rooms know it. It comes once for all that were touched in the
 * turn: a callback of the event loop for each would cost more than most of what there is to be done in it.
 */
export class TurnEnd {
  readonly #clock: Clock
  #endings: Ending[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `ending` at the end of this turn. It cannot be taken back: who may have changed its mind looks then. */
  add(ending: Ending): void {
    this.#endings.push(ending)
    if (this.#endings.length === 1) this.#clock.soon(this.#run)
  }

  readonly #run = (): void => {
    const endings = this.#endings
    this.#endings = []
    for (const ending of endings) ending.turnEnded()
  }
}

import type { Clock } from '@coscribe/shared'

/** So many are taken up in one turn of the event loop. */
const UPGRADES_A_TURN = 4

/**
 * The order of sockets that ask to be upgraded at the same time. Each takes a third of a millisecond, and fifty in one
 * turn of the event loop are noticed by everybody who writes; so a few are taken up in each turn, in the order of their
 * arrival, and what the others sent meanwhile comes between.
 *
 * What waits is bounded by who puts it here.
 */
export class UpgradeTurns {
  readonly #clock: Clock
  #free = UPGRADES_A_TURN
  #turnPlanned = false
  #waiting: (() => void)[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Runs `upgrade` now or, in a crowd, when it is its turn. */
  enter(upgrade: () => void): void {
    if (this.#free === 0) {
      this.#waiting.push(upgrade)
      return
    }
    this.#use(upgrade)
  }

  #use(upgrade: () => void): void {
    this.#free--
    if (!this.#turnPlanned) {
      this.#turnPlanned = true
      this.#clock.soon(this.#nextTurn)
    }
    upgrade()
  }

  readonly #nextTurn = (): void => {
    this.#turnPlanned = false
    this.#free = UPGRADES_A_TURN
    for (const upgrade of this.#waiting.splice(0, UPGRADES_A_TURN)) this.#use(upgrade)
  }
}

import type { Clock } from '@coscribe/shared'

interface Waiting {
  readonly since: number
  /** @param inTime whether somebody still waits for it */
  go(inTime: boolean): void
}

/** A bound on how much is done at a time, on how much waits, and on how long. */
export class Lanes {
  readonly #clock: Clock
  readonly #maxWaiting: number
  readonly #maxWaitMs: number
  readonly #waiting: Waiting[] = []
  #free: number

  constructor(clock: Clock, lanes: number, maxWaiting: number, maxWaitMs: number) {
    this.#clock = clock
    this.#free = lanes
    this.#maxWaiting = maxWaiting
    this.#maxWaitMs = maxWaitMs
  }

  /**
   * Runs `task` when there is room for it.
   *
   * @throws Error when too many wait already, or when its turn comes too late; and whatever `task` throws
   */
  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    await this.#enter()
    try {
      return await task()
    } finally {
      this.#leave()
    }
  }

  async #enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1
      return
    }
    if (this.#waiting.length >= this.#maxWaiting) throw new Error('too many are waiting')
    const since = this.#clock.now()
    const inTime = await new Promise<boolean>((go) => this.#waiting.push({ since, go }))
    if (!inTime) throw new Error('too many were waiting')
  }

  /** The lane is the next one's, if somebody waits who has not waited too long. */
  #leave(): void {
    for (;;) {
      const next = this.#waiting.shift()
      if (next === undefined) {
        this.#free += 1
        return
      }
      const inTime = this.#clock.now() - next.since <= this.#maxWaitMs
      next.go(inTime)
      if (inTime) return
    }
  }
}

import { CoscribeError, type ErrorCode } from '@coscribe/shared'
import type { Asker } from '../asker.js'
import { Rate } from '../rate.js'
import { MAY_ONLY_READ } from '../rooms/refusals.js'

/** Ten a minute, and twenty at once. */
const RATE = new Rate(10 / 60, 20)

/** Changes titles. */
export interface Titles {
  /**
   * Resolves when the title is on disk and everybody in the document was told.
   *
   * @throws CoscribeError when it is not done
   */
  rename(documentId: string, title: string, asker: Asker): Promise<void>
}

/** What became of one: done, where the code is empty. */
export interface RenameVerdict {
  readonly count: number
  readonly code: ErrorCode | ''
  readonly message: string
}

const READ_ONLY = { code: 'read-only', message: MAY_ONLY_READ } as const
const TOO_OFTEN = {
  code: 'rate-limited',
  message: 'the title was changed too often; try again in a few seconds',
} as const
const FAILED = { code: 'storage-unavailable', message: 'the title could not be saved' } as const

/** The renames of one session: done one after the other, each answered with its number. */
export class Renames {
  #count = 0
  #fullAt = -Infinity
  #last: Promise<void> = Promise.resolve()

  /**
   * @param now by the clock, in milliseconds
   * @param rename does it, or returns `false` if the session may not; called when those before it are done
   * @param answer called once
   */
  ask(
    now: number,
    rename: () => Promise<void> | false,
    answer: (verdict: RenameVerdict) => void,
  ): void {
    this.#count++
    const count = this.#count
    if (RATE.overdrawnMs(RATE.after(this.#fullAt, 1, now), now) > 0) {
      return answer({ count, ...TOO_OFTEN })
    }
    this.#fullAt = RATE.after(this.#fullAt, 1, now)
    this.#last = this.#last.then(async () => answer({ count, ...(await outcomeOf(rename)) }))
  }
}

async function outcomeOf(
  rename: () => Promise<void> | false,
): Promise<Omit<RenameVerdict, 'count'>> {
  try {
    const renaming = rename()
    if (renaming === false) return READ_ONLY
    await renaming
    return { code: '', message: '' }
  } catch (error) {
    if (error instanceof CoscribeError) return { code: error.code, message: error.message }
    return FAILED
  }
}

import { systemClock, systemRandom } from '@coscribe/shared'
import type { Room } from '../room.js'
import type { KnownUsers, ResolveUsers, UserLook } from './resolved-users.js'
import type { UserBook } from './user-book.js'

/** What an editor is told of people by its application. */
export class EditorUsers implements KnownUsers {
  readonly #room: Room
  readonly #changed: (ids: readonly string[]) => void
  readonly #failed: (error: unknown) => void
  /** As it was given last, to tell whether it is news. */
  #given: ResolveUsers | undefined
  #resolve: ResolveUsers | undefined
  #book: UserBook | null = null

  /**
   * @param changed told of whom something else is known
   * @param failed told when nothing could be learned
   */
  constructor(
    room: Room,
    changed: (ids: readonly string[]) => void,
    failed: (error: unknown) => void,
  ) {
    this.#room = room
    this.#changed = changed
    this.#failed = failed
  }

  /** Asks this function from now on, or nobody. What is known stays while there is somebody to be asked. */
  use(resolve: ResolveUsers | undefined): void {
    if (resolve === this.#given) return
    this.#given = resolve
    const before = this.#resolve
    this.#resolve = resolve
    if (resolve !== undefined) return before === undefined ? void this.#begin() : undefined
    this.stop()
    this.#changed([])
  }

  of(person: string): UserLook | undefined {
    return this.#book?.of(person)
  }

  isAwaited(person: string): boolean {
    return this.#book?.isAwaited(person) ?? this.#resolve !== undefined
  }

  refresh(ids?: readonly string[]): void {
    this.#book?.refresh(ids)
  }

  stop(): void {
    this.#resolve = undefined
    this.#book?.stop()
    this.#book = null
  }

  /** Who never asks loads nothing of it. */
  async #begin(): Promise<void> {
    try {
      const { UserBook } = await import('./user-book.js')
      if (this.#resolve === undefined || this.#book !== null) return
      this.#book = new UserBook({
        room: this.#room,
        clock: systemClock,
        random: systemRandom,
        resolve: (...asked) => this.#resolve?.(...asked) ?? [],
        changed: this.#changed,
        failed: this.#failed,
      })
    } catch (error) {
      this.#resolve = undefined
      this.#failed(error)
      this.#changed([])
    }
  }
}

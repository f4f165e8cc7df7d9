import type { ChangeSet } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import type { Cancel, Clock } from '@coscribe/shared'

/** How long after the user's last change, or after the first change that waits, waiting ends in any case. */
const HOLD_MS = 5_000
/** How often is looked whether the composition is over. */
const LOOK_EVERY_MS = 100

/**
 * Lets changes of others wait while the user composes a character in the same line. An input method keeps its own idea
 * of the text around the caret; a browser ends the composition, or doubles it, when that text is changed.
 */
export class CompositionHold {
  readonly #view: EditorView
  readonly #clock: Clock
  readonly #release: () => void
  #since: number | null = null
  #typedAt = -Infinity
  #cancel: Cancel | null = null

  constructor(view: EditorView, clock: Clock, release: () => void) {
    this.#view = view
    this.#clock = clock
    this.#release = release
  }

  /** The user changed something. */
  typed(): void {
    this.#typedAt = this.#clock.now()
  }

  /** Whether `changes` have to wait; if so, `release` is called when it is time to ask again. */
  holds(changes: ChangeSet): boolean {
    if (!this.#disturbs(changes)) {
      this.#since = null
      return false
    }
    const now = this.#clock.now()
    this.#since ??= now
    if (now >= Math.max(this.#since, this.#typedAt) + HOLD_MS) return false
    this.#cancel ??= this.#clock.after(LOOK_EVERY_MS, () => {
      this.#cancel = null
      this.#release()
    })
    return true
  }

  destroy(): void {
    this.#cancel?.()
  }

  #disturbs(changes: ChangeSet): boolean {
    if (!this.#view.compositionStarted) return false
    const { doc, selection } = this.#view.state
    const { from, to } = doc.lineAt(selection.main.head)
    return changes.touchesRange(from, to) !== false
  }
}

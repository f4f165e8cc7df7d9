import type { ChangeDesc } from '@codemirror/state'

/** What somebody changed: from the first to the last place, in positions of the text as it is now. */
export interface EditedRange {
  readonly from: number
  readonly to: number
}

/** Authors beyond this are one. */
const MAX_AUTHORS = 20

/** What others changed since it was taken last, by author: one range each, however many changes there were. */
export class RemoteEdits {
  readonly #edits = new Map<string, EditedRange>()

  get isEmpty(): boolean {
    return this.#edits.size === 0
  }

  /** The text changed: everything moves along. */
  move(changes: ChangeDesc): void {
    for (const [author, { from, to }] of this.#edits) {
      this.#edits.set(author, { from: changes.mapPos(from, -1), to: changes.mapPos(to, 1) })
    }
  }

  /** @param author a name; empty when nobody knows who it was */
  add(author: string, { from, to }: EditedRange): void {
    const isOneMore = !this.#edits.has(author) && this.#edits.size >= MAX_AUTHORS
    const key = isOneMore ? '' : author
    const known = this.#edits.get(key) ?? { from, to }
    this.#edits.set(key, { from: Math.min(known.from, from), to: Math.max(known.to, to) })
  }

  /** Everything, the first to be changed first, and begins anew. */
  take(): readonly (readonly [author: string, range: EditedRange])[] {
    const edits = [...this.#edits]
    this.#edits.clear()
    return edits
  }
}

import { ChangeSet, Text } from '@codemirror/state'
import type * as Y from 'yjs'
import { changesOf, editorText } from '../codemirror/shared-text.js'
import { difference } from '../codemirror/text-difference.js'
import { writeChanges } from '../codemirror/text-writer.js'
import { titleChange } from './shared-title.js'

/**
 * A title in which somebody is composing a character. What they see stays as it was when they began; what others do
 * meanwhile is remembered here, and in the end both are in the title.
 */
export class TitleDraft {
  readonly #title: Y.Text
  readonly #before: Text
  /** What others did since. */
  #since: ChangeSet
  readonly #follow = (event: Y.YTextEvent): void => {
    const now = this.#since.apply(this.#before)
    const change = ChangeSet.of(changesOf(event, now), now.length, '\n')
    this.#since = this.#since.compose(change)
  }

  constructor(title: Y.Text) {
    this.#title = title
    this.#before = Text.of([editorText(title)])
    this.#since = ChangeSet.empty(this.#before.length)
    title.observe(this.#follow)
  }

  /**
   * Ends the draft: does to the title what makes `wanted` of what it was in the beginning. Returns where what was
   * written ends, in the title as it is now; `null` when nothing was.
   */
  write(wanted: string): number | null {
    this.drop()
    const change = titleChange(this.#before.toString(), wanted)
    if (change === null) return null
    const now = Text.of([editorText(this.#title)])
    const mine = ChangeSet.of(change, this.#before.length, '\n').map(this.#changeTo(now))
    const write = (): void => writeChanges(this.#title, now, mine)
    if (this.#title.doc === null) write()
    else this.#title.doc.transact(write)
    return mine.mapPos(this.#changeTo(now).mapPos(change.to, 1), 1)
  }

  /** Ends the draft, and nothing of it is written. */
  drop(): void {
    this.#title.unobserve(this.#follow)
  }

  /** What others did; when their changes do not add up to what is there, whatever makes it so. */
  #changeTo(now: Text): ChangeSet {
    const found = this.#since.apply(this.#before)
    if (found.eq(now)) return this.#since
    return difference(this.#before, now.toString()) ?? ChangeSet.empty(this.#before.length)
  }
}

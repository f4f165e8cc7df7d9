import type { ChangeSpec, Text } from '@codemirror/state'
import * as Y from 'yjs'

/**
 * What stands in an editor for something in the shared text that is not text. Yjs counts such a thing as one position
 * (or as its length), and so do as many of these: positions are the same on both sides.
 */
const PLACEHOLDER = '\ufffc'
/** What Yjs leaves of each half when somebody cuts through a surrogate pair. */
const TORN_HALF = 0xfffd

/** The text of `ytext` as an editor shows it: each thing that is not text is a {@link PLACEHOLDER}. */
export function editorText(ytext: Y.Text): string {
  let text = ''
  for (let item = ytext['_start']; item !== null; item = item.right) {
    if (!item.deleted && item.countable) text += shown(item)
  }
  return text
}

/** A change of a text: `from` and `to` refer to the text before all changes of the same list. */
export interface TextChange {
  from: number
  to: number
  insert: string
}

/**
 * What a transaction did to a text. To be called while the event is being delivered, and only if no later transaction
 * has touched the document since.
 *
 * The list that Yjs derives itself leaves out contents that are neither text nor embeds although it counts them, and
 * says nothing of characters that it replaced when somebody cut through a surrogate pair.
 *
 * @param before what an editor showed of the text before the transaction
 */
export function changesOf(event: Y.YTextEvent, before: Text): ChangeSpec[] {
  const changes = new ChangeList()
  for (let item = event.target['_start']; item !== null; item = item.right) {
    if (!item.countable) continue
    if (event.adds(item)) {
      if (!item.deleted) changes.insert(shown(item))
    } else if (event.deletes(item)) {
      changes.delete(item.length)
    } else if (!item.deleted) {
      keep(item, before, changes)
    }
  }
  return changes.list
}

function shown(item: Y.Item): string {
  return item.content instanceof Y.ContentString
    ? item.content.str
    : PLACEHOLDER.repeat(item.length)
}

/** Passes over an item that stayed, but for ends that Yjs replaced. */
function keep(item: Y.Item, before: Text, changes: ChangeList): void {
  const text = item.content instanceof Y.ContentString ? item.content.str : ''
  const last = item.length - 1
  const start = changes.position
  if (text.charCodeAt(0) === TORN_HALF) replaceTorn(start, before, changes)
  if (last > 0 && text.charCodeAt(last) === TORN_HALF) {
    changes.retain(start + last - changes.position)
    replaceTorn(start + last, before, changes)
  }
  changes.retain(start + item.length - changes.position)
}

function replaceTorn(at: number, before: Text, changes: ChangeList): void {
  if (before.sliceString(at, at + 1).charCodeAt(0) === TORN_HALF) return
  changes.delete(1)
  changes.insert(String.fromCharCode(TORN_HALF))
}

/** Collects what happens from the beginning of a text to its end. */
class ChangeList {
  readonly list: TextChange[] = []
  /** Where we are in the text before the changes. */
  position = 0

  retain(length: number): void {
    this.position += length
  }

  insert(text: string): void {
    this.#here().insert += text
  }

  delete(length: number): void {
    const change = this.#here()
    this.position += length
    change.to = this.position
  }

  #here(): TextChange {
    const last = this.list.at(-1)
    if (last?.to === this.position) return last
    const change = { from: this.position, to: this.position, insert: '' }
    this.list.push(change)
    return change
  }
}

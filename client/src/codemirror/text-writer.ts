import type { ChangeSet, Text } from '@codemirror/state'
import type * as Y from 'yjs'

/**
 * Applies `changes` to a shared text.
 *
 * A change that ends inside a surrogate pair takes in the other half: Yjs would replace both halves of a pair that is
 * cut, and UTF-8 has no way to write one.
 *
 * @param before what an editor shows of `ytext` now; `changes` start from it
 */
export function writeChanges(ytext: Y.Text, before: Text, changes: ChangeSet): void {
  let shift = 0
  changes.iterChanges((fromA, toA, _fromB, _toB, inserted) => {
    let from = fromA
    let to = toA
    let text = inserted.toString()
    if (isInsidePair(before, from)) {
      from -= 1
      text = before.sliceString(from, from + 1) + text
    }
    if (isInsidePair(before, to)) {
      text += before.sliceString(to, to + 1)
      to += 1
    }
    if (to > from) ytext.delete(from + shift, to - from)
    if (text !== '') ytext.insert(from + shift, text)
    shift += text.length - (to - from)
  })
}

function isInsidePair(text: Text, position: number): boolean {
  const around = text.sliceString(Math.max(0, position - 1), Math.min(text.length, position + 1))
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(around)
}

import type { ChangeSet, Text } from '@codemirror/state'
import type { TextChange } from './shared-text.js'

/** Carriage returns, with the newline after them; whole surrogate pairs, to be passed over; halves without another. */
const SUSPECTS = /\r\n?|[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g

/** `text` with LF line ends and without halves of surrogate pairs. */
export function cleanText(text: string): string {
  return text.replaceAll(SUSPECTS, (suspect) => {
    if (suspect.startsWith('\r')) return '\n'
    return suspect.length === 2 ? suspect : '\ufffd'
  })
}

/**
 * What has to be mended after `changes` led to `text`: line ends become LF, halves of surrogate pairs go.
 *
 * Only what was changed, and the ends of the lines it is on, is looked at. Removing the CR of a CRLF can be done by
 * any number of replicas at once; a lone CR that somebody else wrote is left alone, because as many newlines would
 * take its place.
 */
export function repairsAfter(changes: ChangeSet, text: Text): TextChange[] {
  const repairs = new Map<number, TextChange>()
  changes.iterChangedRanges((_fromA, _toA, from, to) => {
    for (const repair of repairsOfRange(text, from, to)) repairs.set(repair.from, repair)
  })
  return [...repairs.values()]
}

function* repairsOfRange(text: Text, from: number, to: number): Iterable<TextChange> {
  // A half at either edge can only be judged with both of its neighbours.
  const start = Math.max(0, from - 2)
  const window = text.sliceString(start, Math.min(text.length, to + 2))
  for (const match of window.matchAll(SUSPECTS)) {
    const at = start + match.index
    if (at < from - 1 || at > to) continue
    const insert = replacementOf(match[0], at >= from && at < to)
    if (insert !== null) yield { from: at, to: at + 1, insert }
  }
  const line = text.lineAt(to)
  if (line.to > to && text.sliceString(line.to - 1, line.to) === '\r') {
    yield { from: line.to - 1, to: line.to, insert: '' }
  }
}

/** What takes the place of the first character of `suspect`, or `null` when it may stay. */
function replacementOf(suspect: string, isNew: boolean): string | null {
  if (suspect === '\r\n') return ''
  if (suspect === '\r') return isNew ? '\n' : null
  if (suspect.length === 2) return null
  return isNew ? '\ufffd' : ''
}

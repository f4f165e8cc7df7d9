import { ChangeSet, type Text } from '@codemirror/state'

/**
 * The one replacement that makes `wanted` of `text`, or `null` if they are equal. Costs as much as the text is long;
 * for the rare cases in which nobody can say what changed.
 */
export function difference(text: Text, wanted: string): ChangeSet | null {
  const current = text.toString()
  if (current === wanted) return null
  const shorter = Math.min(current.length, wanted.length)
  let start = 0
  while (start < shorter && current.charCodeAt(start) === wanted.charCodeAt(start)) start += 1
  let end = 0
  while (end < shorter - start && sameFromEnd(current, wanted, end)) end += 1
  const change = {
    from: start,
    to: current.length - end,
    insert: wanted.slice(start, wanted.length - end),
  }
  return ChangeSet.of(change, current.length, '\n')
}

function sameFromEnd(a: string, b: string, distance: number): boolean {
  return a.charCodeAt(a.length - 1 - distance) === b.charCodeAt(b.length - 1 - distance)
}

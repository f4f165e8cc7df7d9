import type * as Y from 'yjs'
import { editorText } from '../codemirror/index.js'

/** Longest title, in UTF-16 units; what others put in beyond it is not shown. */
export const MAX_TITLE = 200

/** The title as text without line breaks. */
export function readTitle(title: Y.Text): string {
  const line = lineOf(title)
  const cutsPair = line.length > MAX_TITLE && isHighSurrogate(line.charCodeAt(MAX_TITLE - 1))
  return line.slice(0, cutsPair ? MAX_TITLE - 1 : MAX_TITLE)
}

/** All of it, in positions of the shared text: what is not text has its place, too. */
function lineOf(title: Y.Text): string {
  return editorText(title).replaceAll(/\s+/g, ' ').trimStart()
}

/**
 * Makes the shared title read `wanted` by changing only what differs, so that two people may edit it at once. What is
 * too long to be shown stays.
 */
export function writeTitle(title: Y.Text, wanted: string): void {
  const current = editorText(title)
  const next = wanted.replaceAll(/\s+/g, ' ') + lineOf(title).slice(readTitle(title).length)
  const start = commonStart(current, next)
  const end = commonEnd(current.slice(start), next.slice(start))
  const removed = current.length - start - end
  const inserted = next.slice(start, next.length - end)
  if (removed === 0 && inserted === '') return
  const change = (): void => {
    if (removed > 0) title.delete(start, removed)
    if (inserted !== '') title.insert(start, inserted)
  }
  if (title.doc === null) change()
  else title.doc.transact(change)
}

function commonStart(a: string, b: string): number {
  let length = 0
  while (length < a.length && length < b.length && a[length] === b[length]) length++
  // Half of a character is no place to insert.
  return isHighSurrogate(a.charCodeAt(length - 1)) ? length - 1 : length
}

function commonEnd(a: string, b: string): number {
  let length = 0
  while (
    length < a.length &&
    length < b.length &&
    a[a.length - 1 - length] === b[b.length - 1 - length]
  ) {
    length++
  }
  return isLowSurrogate(a.charCodeAt(a.length - length)) ? length - 1 : length
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000
}

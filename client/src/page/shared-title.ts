import type * as Y from 'yjs'
import { editorText } from '../codemirror/index.js'
import type { TextChange } from '../codemirror/shared-text.js'

/** Longest title, in UTF-16 units; what others put in beyond it is not shown. */
export const MAX_TITLE = 200

/** The title as text without line breaks. */
export function readTitle(title: Y.Text): string {
  return shownOf(editorText(title))
}

function shownOf(text: string): string {
  const line = lineOf(text)
  const cutsPair = line.length > MAX_TITLE && isHighSurrogate(line.charCodeAt(MAX_TITLE - 1))
  return line.slice(0, cutsPair ? MAX_TITLE - 1 : MAX_TITLE)
}

/** All of it, in positions of the shared text: what is not text has its place, too. */
function lineOf(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trimStart()
}

/**
 * What makes the title `current` read `wanted` and changes only what differs, so that two people may edit it at once;
 * `null` when nothing does. What is too long to be shown stays.
 */
export function titleChange(current: string, wanted: string): TextChange | null {
  const next = wanted.replaceAll(/\s+/g, ' ') + lineOf(current).slice(shownOf(current).length)
  const from = commonStart(current, next)
  const end = commonEnd(current.slice(from), next.slice(from))
  const change = { from, to: current.length - end, insert: next.slice(from, next.length - end) }
  return change.from === change.to && change.insert === '' ? null : change
}

/** Makes the shared title read `wanted`. */
export function writeTitle(title: Y.Text, wanted: string): void {
  const change = titleChange(editorText(title), wanted)
  if (change === null) return
  const { from, to, insert } = change
  const write = (): void => {
    if (to > from) title.delete(from, to - from)
    if (insert !== '') title.insert(from, insert)
  }
  if (title.doc === null) write()
  else title.doc.transact(write)
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

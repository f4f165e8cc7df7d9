import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { anchorAt, resolveAnchor } from '../../client/src/editor/anchor.js'

function textOf(content: string): Y.Text {
  const text = new Y.Doc().getText('content')
  text.insert(0, content)
  return text
}

function replicaOf(text: Y.Text): Y.Text {
  const doc = new Y.Doc()
  if (text.doc !== null) Y.applyUpdate(doc, Y.encodeStateAsUpdate(text.doc))
  return doc.getText('content')
}

function found(text: Y.Text, anchor: string): string | null {
  const range = resolveAnchor(text, anchor)
  return range === null ? null : text.toString().slice(range.from, range.to)
}

it('[E124] an anchor stays with its text, and what is written at its ends is outside', () => {
  const text = textOf('one two three')
  const anchor = anchorAt(text, 4, 7)
  text.insert(4, '<')
  text.insert(8, '>')
  text.insert(0, 'zero ')
  expect(found(text, anchor)).toBe('two')
  text.insert(11, '-')
  expect(found(text, anchor)).toBe('t-wo')
  expect(found(replicaOf(text), anchor)).toBe('t-wo')
})

it('[E124] of an anchor whose text is gone the place is left', () => {
  const text = textOf('one two three')
  const anchor = anchorAt(text, 4, 7)
  text.delete(2, 7)
  expect(resolveAnchor(text, anchor)).toEqual({ from: 2, to: 2 })
})

it.each([
  [0, 0],
  [0, 3],
  [3, 3],
  [1, 1],
])('[E124] the ends of a text are places too: %i to %i', (from, to) => {
  const text = textOf('abc')
  expect(resolveAnchor(text, anchorAt(text, from, to))).toEqual({ from, to })
})

it.each([
  undefined,
  null,
  7,
  {},
  '',
  'end-end',
  'start',
  '1.2',
  '1.2-3.4',
  '-1.0',
  'end-start-end',
  `${'9'.repeat(17)}.0`,
  '9007199254740993.0',
  'a'.repeat(100_000),
])('[E124] what is no anchor of the text is none: %j', (given) => {
  expect(resolveAnchor(textOf('abc'), given)).toBeNull()
})

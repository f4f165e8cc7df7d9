// @vitest-environment jsdom
import { Compartment, type Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import {
  announcements,
  announceRemote,
  othersWords,
  undo,
  type Announcements,
} from '@coscribe/client/codemirror'
import { beforeEach, expect, it } from 'vitest'
import * as Y from 'yjs'
import { german } from '../../../client/src/phrases/de/index.js'
import { pairOfTexts, select, type } from '../../support/binding-world.js'
import { openWithCursors, placed, type CursorEditor } from '../../support/cursor-editor.js'
import { fakeGeometry } from '../../support/fake-geometry.js'
import { ManualClock } from '../../support/manual-clock.js'

beforeEach(fakeGeometry)

interface Listener extends CursorEditor {
  readonly there: Y.Text
  /** Everything that was read out. */
  readonly said: string[]
  /** Ada is at this place. */
  ada(at: number): void
}

const LINES = 60
const TEXT = Array.from({ length: LINES }, (_, i) => `line ${i + 1}`).join('\n')

/** Opens an editor that reads out; its caret is in line 20. */
function listen(level: Announcements = 'nearby', more: Extension = []): Listener {
  const { here, there } = pairOfTexts(TEXT)
  const clock = new ManualClock()
  const said: string[] = []
  const notes = EditorView.updateListener.of(({ transactions }) => {
    for (const { effects } of transactions) {
      for (const effect of effects) if (effect.is(EditorView.announce)) said.push(effect.value)
    }
  })
  const extensions = [announceRemote({ clock }), announcements.of(level), notes, more]
  const editor = openWithCursors(here, { id: 'me' }, clock, extensions)
  editor.view.focus()
  select(editor.view, lineStart(editor, 20))
  const ada = (at: number): void => {
    editor.presence.shows(7, { id: 'ada', name: 'Ada', ...placed(there, [at, at]) })
    clock.advance(60)
  }
  return { ...editor, there, said, ada }
}

function lineStart({ view }: CursorEditor, line: number): number {
  return view.state.doc.line(line).from
}

it('[E108] says who edited which lines, once in five seconds, however much it was', () => {
  const editor = listen()
  editor.ada(lineStart(editor, 18))
  for (let i = 0; i < 300; i++) {
    editor.there.insert(lineStart(editor, 18) + i, 'x')
    editor.clock.advance(10)
  }
  editor.there.insert(lineStart(editor, 21), 'somebody’s ')
  editor.clock.advance(5_000)
  expect(editor.said).toEqual(['Ada edited line 18', 'Ada and Somebody edited lines 18 to 21'])
  editor.clock.advance(100_000)
  expect(editor.said.length).toBe(2)
})

it('[E108] says once that somebody begins to write in the line of the caret', () => {
  const editor = listen()
  editor.ada(lineStart(editor, 10))
  const there = lineStart(editor, 20) + 3
  editor.ada(there)
  editor.there.insert(there, 'xyz')
  editor.clock.advance(2_000)
  editor.there.insert(there + 3, 'xyz')
  editor.clock.advance(20_000)
  expect(editor.said).toEqual(['Ada is editing this line'])
  // Who goes to her line was not come to.
  select(editor.view, lineStart(editor, 30))
  select(editor.view, lineStart(editor, 20))
  editor.clock.advance(20_000)
  expect(editor.said.length).toBe(1)
})

it('[E108] says nothing of own edits, own other tabs, their undo, and of a document that is loaded', () => {
  const locked = new Compartment()
  const editor = listen('all', locked.of(EditorView.editable.of(false)))
  editor.there.insert(0, 'loaded ')
  editor.view.dispatch({ effects: locked.reconfigure([]) })
  editor.view.focus()
  type(editor.view, 'own')
  undo(editor.view)
  editor.presence.shows(8, { id: 'me', name: 'Me', ...placed(editor.there, [3, 3]) })
  editor.clock.advance(100)
  editor.there.insert(3, 'in my other tab')
  editor.clock.advance(20_000)
  expect(editor.said).toEqual([])
  editor.there.insert(100, 'control')
  editor.clock.advance(20_000)
  expect(editor.said).toEqual(['Somebody edited line 11'])
})

it.each<[Announcements, number]>([
  ['off', 0],
  ['nearby', 0],
  ['all', 1],
])('[E108] says of what is far away at level %s: %i', (level, count) => {
  const editor = listen(level)
  editor.there.insert(lineStart(editor, 50), 'far')
  editor.clock.advance(20_000)
  expect(editor.said.length).toBe(count)
  expect(editor.clock.waiting).toBeLessThanOrEqual(1)
})

it('[E108] says it in the words that it is given', () => {
  const editor = listen('nearby', othersWords.of(german.others))
  editor.ada(lineStart(editor, 18))
  editor.there.insert(lineStart(editor, 18), 'x')
  editor.clock.advance(20_000)
  expect(editor.said).toEqual(['Ada hat Zeile 18 geändert'])
})

// @vitest-environment jsdom
import { Compartment, EditorState } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { collabText, collabUndo, redo, undo, undoDepth } from '@coscribe/client/codemirror'
import { describe, expect, it, onTestFinished } from 'vitest'
import * as Y from 'yjs'
import {
  openEditor,
  pairOfTexts,
  select,
  settled,
  shownText,
  type,
  viewText,
} from '../../support/binding-world.js'
import { ManualClock } from '../../support/manual-clock.js'

const empty = () => openEditor(new Y.Doc().getText('content'))

function paste(view: EditorView, text: string): void {
  view.dispatch(view.state.replaceSelection(text), { userEvent: 'input.paste' })
}

/** The texts that undoing goes through. */
function undone(view: EditorView): string[] {
  const texts: string[] = []
  while (undo(view)) texts.push(viewText(view))
  return texts
}

describe('undo', () => {
  it('[E10] takes back what this view wrote, and nothing else', () => {
    const { here, there } = pairOfTexts()
    const { view } = openEditor(here)
    type(view, 'mine ')
    there.insert(there.length, 'theirs')
    expect(undo(view)).toBe(true)
    expect([viewText(view), shownText(there)]).toEqual(['theirs', 'theirs'])
    expect(undo(view)).toBe(false)
    expect(redo(view)).toBe(true)
    expect([viewText(view), shownText(there)]).toEqual(['mine theirs', 'mine theirs'])
    expect(redo(view)).toBe(false)
  })

  it('[E10] brings back what was deleted among what others wrote meanwhile', () => {
    const { here, there } = pairOfTexts('one two three')
    const { view } = openEditor(here)
    view.dispatch({ changes: { from: 4, to: 8 }, userEvent: 'delete.selection' })
    there.insert(4, 'new ')
    undo(view)
    expect(viewText(view)).toContain('two ')
    expect(viewText(view)).toContain('new ')
    expect(viewText(view)).toBe(shownText(there))
  })

  it('[E10] belongs to the view: another view on the same text has its own', () => {
    const ytext = new Y.Doc().getText('content')
    const [one, two] = [openEditor(ytext).view, openEditor(ytext).view]
    type(one, 'one')
    type(two, 'two ')
    expect(undo(one)).toBe(true)
    expect([viewText(one), viewText(two)]).toEqual(['two ', 'two '])
    expect(undo(one)).toBe(false)
  })

  it('[E10] is refused while the editor is read-only, and works again after', () => {
    const rules = new Compartment()
    const { view, ytext } = openEditor(new Y.Doc().getText('content'), { extensions: rules.of([]) })
    type(view, 'text')
    view.dispatch({ effects: rules.reconfigure(EditorState.readOnly.of(true)) })
    expect([undo(view), redo(view), shownText(ytext)]).toEqual([false, false, 'text'])
    view.dispatch({ effects: rules.reconfigure([]) })
    expect([undo(view), shownText(ytext)]).toEqual([true, ''])
  })

  it('[E10] passes filters, or view and document would part', () => {
    const rules = new Compartment()
    const { view, ytext } = openEditor(new Y.Doc().getText('content'), { extensions: rules.of([]) })
    type(view, 'text')
    view.dispatch({ effects: rules.reconfigure(EditorState.changeFilter.of(() => false)) })
    undo(view)
    expect([viewText(view), shownText(ytext)]).toEqual(['', ''])
  })

  it('[E10] answers its keys and the menu of the browser', () => {
    const { view } = empty()
    const press = (key: string, shiftKey = false) =>
      view.contentDOM.dispatchEvent(
        new KeyboardEvent('keydown', {
          key,
          ctrlKey: true,
          shiftKey,
          bubbles: true,
          cancelable: true,
        }),
      )
    const choose = (inputType: string) =>
      view.contentDOM.dispatchEvent(new InputEvent('beforeinput', { inputType, cancelable: true }))
    type(view, 'text')
    expect([press('z'), viewText(view)]).toEqual([false, ''])
    expect([press('y'), viewText(view)]).toEqual([false, 'text'])
    expect([choose('historyUndo'), viewText(view)]).toEqual([false, ''])
    expect([choose('historyRedo'), viewText(view)]).toEqual([false, 'text'])
  })
})

describe('a step of undo', () => {
  it('[E11] is what was typed without a pause', () => {
    const { view, clock } = empty()
    for (const key of 'abc') {
      type(view, key)
      clock.advance(400)
    }
    clock.advance(200)
    type(view, 'd')
    expect(undone(view)).toEqual(['abc', ''])
  })

  it('[E11] is one paste, whatever is around it', () => {
    const { view } = empty()
    type(view, 'a')
    paste(view, 'PASTE')
    paste(view, 'PASTE')
    type(view, 'b')
    expect(undone(view)).toEqual(['aPASTEPASTE', 'aPASTE', 'a', ''])
  })

  it('[E11] ends when the caret moves, and when typing turns to deleting', () => {
    const { view } = empty()
    type(view, 'a')
    type(view, 'b')
    select(view, 0)
    type(view, 'c')
    view.dispatch({ changes: { from: 2, to: 3 }, userEvent: 'delete.backward' })
    expect(viewText(view)).toBe('ca')
    expect(undone(view)).toEqual(['cab', 'ab', ''])
  })

  it('[E11] does not end because others write', () => {
    const { here, there } = pairOfTexts()
    const { view } = openEditor(here)
    type(view, 'a')
    there.insert(1, '-')
    type(view, 'b')
    expect(undone(view)).toEqual(['-'])
  })

  it('[E11] is as long as a composition', () => {
    const { view, clock } = empty()
    for (const key of 'abc') {
      view.dispatch(view.state.replaceSelection(key), { userEvent: 'input.type.compose' })
      clock.advance(2_000)
    }
    expect(undone(view)).toEqual([''])
  })

  it('[E11] is kept with at most a thousand others', () => {
    const { view } = empty()
    for (let i = 0; i < 1_010; i++) paste(view, '.')
    expect(undone(view)).toHaveLength(1_000)
    expect(viewText(view)).toBe('.'.repeat(10))
  })
})

describe('what undo shows', () => {
  it('[E12] selects what was selected, where it is now', () => {
    const { here, there } = pairOfTexts('one two three')
    const { view } = openEditor(here)
    select(view, 4, 7)
    type(view, 'X')
    expect(viewText(view)).toBe('one X three')
    there.insert(0, '> ')
    undo(view)
    expect(viewText(view)).toBe('> one two three')
    const { from, to } = view.state.selection.main
    expect(view.state.sliceDoc(from, to)).toBe('two')
    redo(view)
    expect(viewText(view)).toBe('> one X three')
    expect(view.state.selection.main.head).toBe(7)
  })

  it('[E12] scrolls there', () => {
    const scrolled: string[] = []
    const { view } = openEditor(new Y.Doc().getText('content'), {
      extensions: EditorView.updateListener.of(({ transactions }) => {
        for (const transaction of transactions) {
          if (transaction.scrollIntoView)
            scrolled.push(transaction.isUserEvent('select') ? 'select' : '?')
        }
      }),
    })
    type(view, 'text')
    scrolled.length = 0
    undo(view)
    expect(scrolled).toEqual(['select'])
  })

  it('[E12] tells when there begins or ceases to be something to undo and redo', async () => {
    const clock = new ManualClock()
    const ytext = new Y.Doc().getText('content')
    const told: unknown[] = []
    const onChange = (depth: unknown): void => void told.push(depth)
    const extensions = [collabText(ytext, { clock }), collabUndo({ clock, onChange })]
    const view = new EditorView({ state: EditorState.create({ extensions }) })
    onTestFinished(() => view.destroy())
    expect(undoDepth(view)).toEqual({ canUndo: false, canRedo: false })
    type(view, 'a')
    type(view, 'b')
    await settled()
    undo(view)
    await settled()
    redo(view)
    await settled()
    expect(told).toEqual([
      { canUndo: true, canRedo: false },
      { canUndo: false, canRedo: true },
      { canUndo: true, canRedo: false },
    ])
    expect(undoDepth(view)).toEqual({ canUndo: true, canRedo: false })
  })
})

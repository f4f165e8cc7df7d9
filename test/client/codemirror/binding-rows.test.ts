// @vitest-environment jsdom
import { EditorState, Transaction } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { collabText, editorText } from '@coscribe/client/codemirror'
import { describe, expect, it, onTestFinished } from 'vitest'
import * as Y from 'yjs'
import {
  collab,
  openEditor,
  pairOfTexts,
  select,
  settled,
  shownText,
  type,
  viewText,
} from '../../support/binding-world.js'
import { ManualClock } from '../../support/manual-clock.js'

function compose(view: EditorView, event: 'compositionstart' | 'compositionend'): void {
  view.contentDOM.dispatchEvent(new CompositionEvent(event, { bubbles: true }))
}

describe('line ends', () => {
  it('[E3] whatever is pasted becomes LF, in view and document alike', () => {
    const { view, ytext } = openEditor(new Y.Doc().getText('content'))
    for (const filter of [true, false]) {
      view.dispatch({ changes: { from: 0, insert: 'a\r\nb\rc' }, filter })
      expect(viewText(view)).toBe(shownText(ytext))
      expect(viewText(view)).not.toContain('\r')
    }
    expect(ytext.toString()).toBe('a\nb\nca\nb\nc')
  })

  it('[E4] CRLF that somebody else wrote keeps its positions, and an append after it arrives', () => {
    const { here, there } = pairOfTexts('1\r\n2')
    const { view } = openEditor(here)
    expect(viewText(view)).toBe('1\r\n2')
    there.insert(there.length, '3')
    there.insert(1, '\r\n')
    expect(viewText(view)).toBe('1\r\n\r\n23')
    type(view, 'x')
    expect(viewText(view)).toBe(shownText(there))
  })

  it('[E4] a CRLF loses its CR where the user edits its line, and two who do so at once do not fight', () => {
    const [one, two] = [new Y.Doc(), new Y.Doc()]
    one.getText('content').insert(0, 'a\r\nb\r\nc')
    Y.applyUpdate(two, Y.encodeStateAsUpdate(one))
    const [left, right] = [one, two].map((ydoc) => openEditor(ydoc.getText('content')))
    for (const editor of [left, right]) type(editor!.view, '-')
    Y.applyUpdate(two, Y.encodeStateAsUpdate(one))
    Y.applyUpdate(one, Y.encodeStateAsUpdate(two))
    expect(shownText(left!.ytext)).toBe('--a\nb\r\nc')
    expect(viewText(left!.view)).toBe('--a\nb\r\nc')
    expect(viewText(right!.view)).toBe('--a\nb\r\nc')
  })

  it('[E4] a lone CR that somebody else wrote stays', () => {
    const { here } = pairOfTexts('a\rb')
    const { view } = openEditor(here)
    type(view, 'x')
    expect(shownText(here)).toBe('xa\rb')
    expect(viewText(view)).toBe('xa\rb')
  })
})

describe('things that are not text', () => {
  it('[E5] an embed is one placeholder, and positions behind it are right', () => {
    const { here, there } = pairOfTexts('ab')
    const { view } = openEditor(here)
    there.insertEmbed(1, { image: 'x' })
    there.insert(3, 'c')
    expect(viewText(view)).toBe('a\ufffcbc')
    select(view, 3)
    type(view, '!')
    expect(shownText(there)).toBe('a\ufffcb!c')
    view.dispatch({ changes: { from: 1, to: 2 } })
    expect(there.toDelta()).toEqual([{ insert: 'ab!c' }])
  })

  it('[E5] contents that Yjs counts but leaves out of its own text are placeholders, too', () => {
    const { here, there } = pairOfTexts('ab')
    const { view } = openEditor(here)
    const forged = new Y.Doc()
    forged.getArray('content').insert(0, [1, { two: 2 }, 3])
    Y.applyUpdate(there.doc!, Y.encodeStateAsUpdate(forged))
    expect(view.state.doc.length).toBe(5)
    expect(here.length).toBe(5)
    select(view, 5)
    type(view, 'z')
    expect(here.toString()).toBe(there.toString())
    expect([here.toString(), viewText(view).replaceAll('\ufffc', '')]).toEqual(
      Array(2).fill(here.toString()),
    )
  })

  it('[E5] formatting changes nothing in the text', () => {
    const { here, there } = pairOfTexts('hello')
    const { view } = openEditor(here)
    there.format(1, 3, { bold: true })
    there.insert(2, 'X')
    expect(viewText(view)).toBe('heXllo')
  })
})

describe('surrogate pairs', () => {
  const emoji = '\u{1f601}'

  it('[E6] a change of one half is a change of the character', () => {
    const { here, there } = pairOfTexts(`a${emoji}b`)
    const { view } = openEditor(here)
    view.dispatch({ changes: { from: 2, to: 3, insert: '\ude00' } })
    expect(viewText(view)).toBe('a\u{1f600}b')
    expect(there.toString()).toBe('a\u{1f600}b')
  })

  it('[E6] what would leave half a character behind takes it all, also past filters', () => {
    for (const filter of [true, false]) {
      const { here, there } = pairOfTexts(`a${emoji}b`)
      const { view } = openEditor(here)
      view.dispatch({ changes: { from: 2, to: 3 }, filter })
      expect([viewText(view), there.toString()]).toEqual(['ab', 'ab'])
      view.dispatch({ changes: { from: 1, insert: '\ud83d' }, filter })
      expect([viewText(view), there.toString()]).toEqual(['a\ufffdb', 'a\ufffdb'])
    }
  })

  it('[E6] somebody else who cuts a character in two is followed', () => {
    const { here, there } = pairOfTexts(`a${emoji}b`)
    const { view } = openEditor(here)
    there.insert(2, 'X')
    expect(there.toString()).toBe('a\ufffdX\ufffdb')
    expect(viewText(view)).toBe('a\ufffdX\ufffdb')
    there.delete(3, 1)
    expect(viewText(view)).toBe(there.toString())
  })
})

describe('changes from the document', () => {
  it('[E7] pass filters and read-only, and are marked as remote', () => {
    const { here, there } = pairOfTexts()
    const seen: (boolean | undefined)[] = []
    const { view } = openEditor(here, {
      extensions: [
        EditorState.readOnly.of(true),
        EditorState.changeFilter.of(() => false),
        EditorState.transactionFilter.of((transaction) =>
          transaction.docChanged ? [] : transaction,
        ),
        EditorView.updateListener.of(({ transactions }) => {
          for (const transaction of transactions)
            seen.push(transaction.annotation(Transaction.remote))
        }),
      ],
    })
    there.insert(0, 'hello')
    expect(viewText(view)).toBe('hello')
    expect(seen).toEqual([true])
  })

  it('[E7] never scroll, and leave the caret at its place in the text', () => {
    const { here, there } = pairOfTexts('one two')
    const scrolled: boolean[] = []
    const { view } = openEditor(here, {
      extensions: EditorView.updateListener.of(({ transactions }) =>
        scrolled.push(transactions.some(({ scrollIntoView }) => scrollIntoView)),
      ),
    })
    select(view, 4)
    there.insert(0, 'zero ')
    expect(view.state.selection.main.head).toBe(9)
    expect(scrolled).not.toContain(true)
  })
})

describe('a selection whose text is replaced', () => {
  it('[E7] collapses, and what is done with it works', () => {
    const { here, there } = pairOfTexts('one two three')
    const { view } = openEditor(here)
    select(view, 4, 7)
    there.doc!.transact(() => {
      there.delete(2, 8)
      there.insert(2, 'something else')
    })
    const { from, to } = view.state.selection.main
    expect([from, to]).toEqual([2, 2])
    type(view, '!')
    expect(viewText(view)).toBe(shownText(there))
  })
})

describe('a character that is being composed', () => {
  it('[E22] is not disturbed by changes in its line, which follow when it is done', () => {
    const { here, there } = pairOfTexts('one line\nanother')
    const { view, clock } = openEditor(here)
    select(view, 4)
    compose(view, 'compositionstart')
    there.insert(there.length, '!')
    expect(viewText(view)).toBe('one line\nanother!')
    there.insert(0, '> ')
    type(view, 'か')
    expect(viewText(view)).toBe('one かline\nanother!')
    expect(shownText(there)).toBe('> one かline\nanother!')
    compose(view, 'compositionend')
    clock.advance(100)
    expect(viewText(view)).toBe(shownText(there))
  })

  it('[E22] is waited for at most five seconds after the last key', () => {
    const { here, there } = pairOfTexts('one line')
    const { view, clock } = openEditor(here)
    compose(view, 'compositionstart')
    there.insert(4, 'long ')
    clock.advance(4_000)
    type(view, 'k')
    clock.advance(4_500)
    expect(viewText(view)).toBe('kone line')
    clock.advance(600)
    expect(viewText(view)).toBe('kone long line')
    expect(viewText(view)).toBe(shownText(there))
  })
})

describe('the life of a view', () => {
  it('[E2] text that changes between state and view is there, also under an edit made at once', async () => {
    const ytext = new Y.Doc().getText('content')
    const state = EditorState.create({ doc: '', extensions: collab(ytext, new ManualClock()) })
    ytext.insert(0, 'early')
    const view = new EditorView({ state })
    onTestFinished(() => view.destroy())
    view.dispatch({ changes: { from: 0, insert: 'x' } })
    expect(viewText(view)).toBe(shownText(ytext))
    expect(viewText(view)).toHaveLength(6)
    await settled()
    expect(viewText(view)).toBe(shownText(ytext))
  })

  it('[E2] a view that nobody touches shows the text within the turn', async () => {
    const ytext = new Y.Doc().getText('content')
    ytext.insert(0, 'there before')
    const { view } = openEditor(ytext, { doc: 'something else' })
    await settled()
    expect(viewText(view)).toBe('there before')
    expect(ytext.toString()).toBe('there before')
  })

  it('[E2] a state that is set aside and set again takes up what happened', async () => {
    const { here, there } = pairOfTexts('L')
    const { view } = openEditor(here)
    const aside = view.state
    view.setState(EditorState.create({ doc: 'another document' }))
    there.insert(1, 'remote')
    expect(viewText(view)).toBe('another document')
    view.setState(aside)
    await settled()
    expect(viewText(view)).toBe('Lremote')
    type(view, '!')
    expect(viewText(view)).toBe(shownText(there))
  })

  it('[E2] several views on one text in one process are equal', () => {
    const ytext = new Y.Doc().getText('content')
    const [one, two] = [openEditor(ytext), openEditor(ytext)]
    type(one.view, 'a\r\nb')
    type(two.view, 'c')
    expect([viewText(one.view), viewText(two.view)]).toEqual(Array(2).fill(shownText(ytext)))
  })

  it('[E8] a closed view leaves no listener and no timer behind', () => {
    const ydoc = new Y.Doc()
    const ytext = ydoc.getText('content')
    const listeners = (): number =>
      [...ydoc['_observers'].values()].reduce((sum, { size }) => sum + size, 0) +
      ytext['_eH'].l.length
    const before = listeners()
    const { view, clock } = openEditor(ytext)
    type(view, 'x')
    expect(listeners()).toBeGreaterThan(before)
    view.destroy()
    expect(listeners()).toBe(before)
    expect(clock.waiting).toBe(0)
  })
})

describe('transactions within transactions', () => {
  it('[E1] an edit made inside somebody else’s transaction is not shown twice', () => {
    const ytext = new Y.Doc().getText('content')
    const { view } = openEditor(ytext)
    ytext.doc!.transact(() => {
      ytext.insert(0, 'outer ')
      type(view, 'inner ')
      ytext.insert(0, 'again ')
    }, 'app')
    expect(viewText(view)).toBe(shownText(ytext))
    expect(viewText(view)).toContain('inner')
  })

  it('[E1] an observer that writes while others are still being told confuses nobody', () => {
    const ytext = new Y.Doc().getText('content')
    let left = 3
    ytext.observe(() => {
      left -= 1
      if (left > 0) ytext.doc!.transact(() => (ytext.delete(0, 1), ytext.insert(0, `${left}`)))
    })
    const { view } = openEditor(ytext)
    ytext.insert(0, 'abc')
    expect(viewText(view)).toBe(shownText(ytext))
    left = 3
    type(view, 'x')
    expect(viewText(view)).toBe(shownText(ytext))
  })

  it('[E1] an observer that edits a view while others are still being told confuses nobody', () => {
    const ytext = new Y.Doc().getText('content')
    ytext.insert(0, 'start')
    let view: EditorView | null = null
    ytext.observe((event) => {
      if (event.transaction.origin === 'app') view?.dispatch({ changes: { from: 5, insert: '!' } })
    })
    view = openEditor(ytext).view
    ytext.doc!.transact(() => ytext.insert(0, 'zzz'), 'app')
    expect(viewText(view)).toBe(shownText(ytext))
    expect(viewText(view)).toBe('zzzstart!')
  })
})

describe('drift', () => {
  it('[E9] a view that shows something else is put right from the document, and it is said', async () => {
    const clock = new ManualClock()
    const ytext = new Y.Doc().getText('content')
    ytext.insert(0, 'truth')
    const drifts: unknown[] = []
    const view = new EditorView({
      state: EditorState.create({
        doc: editorText(ytext),
        extensions: collabText(ytext, { clock, onDrift: (drift) => drifts.push(drift) }),
      }),
    })
    onTestFinished(() => view.destroy())
    // Behind everybody's back, of the same length: no event, and nothing to count.
    ;(ytext['_start']!.content as Y.ContentString).str = 'wrong'
    ytext.insert(5, '!')
    expect(viewText(view)).toBe('truth!')
    clock.advance(5_000)
    await settled()
    expect(viewText(view)).toBe('wrong!')
    expect(ytext.toString()).toBe('wrong!')
    expect(drifts).toEqual([{ viewText: 'truth!', documentText: 'wrong!' }])
    clock.advance(60_000)
    expect(drifts).toHaveLength(1)
  })
})

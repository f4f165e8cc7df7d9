// @vitest-environment jsdom
import { Compartment, EditorState, StateEffect } from '@codemirror/state'
import { Decoration, EditorView, RectangleMarker } from '@codemirror/view'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import * as Y from 'yjs'
import { pairOfTexts, select, type } from '../../support/binding-world.js'
import {
  carets,
  columns,
  openWithCursors,
  placed,
  type CursorEditor,
} from '../../support/cursor-editor.js'
import { fakeGeometry, LINE_PX } from '../../support/fake-geometry.js'
import { seededRandom } from '../../support/random.js'

const deep = (value: unknown): unknown => ({ anchor: value, head: value })

beforeEach(fakeGeometry)

describe('cursors of others', () => {
  it('[E14] are beside the text, hidden from assistive technology, and change nothing in it', async () => {
    const { here } = pairOfTexts('one two')
    const editor = openWithCursors(here)
    const before = editor.view.contentDOM.innerHTML
    editor.presence.shows(7, { name: 'Ada', ...placed(here, [0, 3]) })
    expect(await carets(editor)).toMatchObject([{ name: 'Ada', column: 3 }])
    expect(editor.view.dom.querySelectorAll('.cm-coscribeSelection')).toHaveLength(1)
    expect(editor.view.contentDOM.innerHTML).toBe(before)
    for (const name of ['Carets', 'Selections']) {
      const layer = editor.view.dom.querySelector(`.cm-coscribe${name}`)
      expect(layer?.getAttribute('aria-hidden')).toBe('true')
      expect(editor.view.contentDOM.contains(layer)).toBe(false)
    }
    editor.presence.shows(7, null)
    expect(await carets(editor)).toEqual([])
  })

  it('[E15] are all that a peer has, and go with the text', async () => {
    const { here, there } = pairOfTexts('one two three')
    const editor = openWithCursors(here)
    editor.presence.shows(7, placed(there, [4, 4], [8, 8], [13, 13]))
    expect(await columns(editor)).toEqual([4, 8, 13])
    there.insert(0, '++')
    expect(await columns(editor)).toEqual([6, 10, 15])
    type(editor.view, 'x')
    expect(await columns(editor)).toEqual([7, 11, 16])
  })

  it('[E15] follow what their owner types, and let pass what is typed at them here', async () => {
    const { here, there } = pairOfTexts('ab')
    const editor = openWithCursors(here)
    editor.presence.shows(7, placed(there, [1, 1]))
    await carets(editor)
    there.insert(1, 'xyz')
    expect(await columns(editor)).toEqual([4])
    select(editor.view, 4)
    type(editor.view, '!')
    expect(await columns(editor)).toEqual([4])
  })

  it('[E15] appear when the text they are in arrives', async () => {
    const [one, two] = [new Y.Doc(), new Y.Doc()]
    one.getText('content').insert(0, 'ab')
    Y.applyUpdate(two, Y.encodeStateAsUpdate(one))
    const editor = openWithCursors(two.getText('content'))
    one.getText('content').insert(2, 'later')
    editor.presence.shows(7, placed(one.getText('content'), [4, 4]))
    expect(await columns(editor)).toEqual([])
    Y.applyUpdate(two, Y.encodeStateAsUpdate(one))
    expect(await columns(editor)).toEqual([4])
  })

  it('[E15] that cannot be seen are not drawn', async () => {
    const ytext = new Y.Doc().getText('content')
    ytext.insert(0, 'line\n'.repeat(5_000))
    const editor = openWithCursors(ytext)
    editor.presence.shows(7, placed(ytext, [2, 2], [24_000, 24_000], [0, 25_000]))
    await carets(editor)
    expect(editor.view.viewport.to).toBeLessThan(24_000)
    expect(await columns(editor)).toEqual([2])
    expect(editor.view.dom.querySelectorAll('.cm-coscribeSelection').length).toBeLessThan(4)
  })

  it('[E15] of bindings in the y-codemirror form are shown, too', async () => {
    const { here, there } = pairOfTexts('one two')
    const editor = openWithCursors(here)
    const { cursor } = placed(there, [7, 7])
    editor.presence.shows(7, { cursor, user: { name: 'Bo', color: 'red', colorLight: 'pink' } })
    expect(await carets(editor)).toMatchObject([{ name: 'Bo', column: 7 }])
  })
})

describe('a peer who sends rubbish', () => {
  const id = { client: 1, clock: 0 }
  const rubbish: unknown[] = [
    ...[{}, [], 5, 'text', true, null].map((cursor) => ({ cursor })),
    ...[null, 5, 'x', [], {}, { item: 5 }, { item: {} }, { item: null }].map((place) => ({
      cursor: deep(place),
    })),
    ...[-1, 1.5, 1e300, '1', null, 2 ** 53].map((clock) => ({
      cursor: deep({ item: { client: 1, clock }, assoc: 'x' }),
    })),
    { cursor: deep({ tname: 'another text' }) },
    { cursor: deep({ type: id }) },
    { cursor: deep({ item: id, type: 5, tname: {} }), ranges: { 0: 'end' } },
    { cursor: deep({ tname: 'content' }), ranges: ['end', '1.2.3', 7, null, '-1.0', 'end', 'end'] },
    { cursor: deep({ tname: 'content' }), ranges: Array.from({ length: 1_000 }, () => 'end') },
    { name: 5, hue: 'red;position:fixed;inset:0', focused: 'maybe', user: 'x' },
    { name: '\u202e\u0000\n  x'.repeat(1_000), hue: 99, user: { name: {} } },
    { name: '', hue: -1 },
    { hue: 1.5, user: null },
  ]

  it('[E16] affects nobody else, and the page keeps working', async () => {
    const { here, there } = pairOfTexts('one two')
    const editor = openWithCursors(here)
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => errors.mockRestore())
    for (const [i, state] of rubbish.entries()) editor.presence.shows(100 + i, state)
    editor.presence.shows(7, { name: 'Ada', ...placed(there, [4, 4]) })
    const shown = await carets(editor)
    expect(shown.find(({ name }) => name === 'Ada')).toMatchObject({ column: 4 })
    expect(shown.length).toBeLessThan(150)
    for (const { name, hue, column } of shown) {
      expect(Array.from(name).length).toBeLessThanOrEqual(40)
      expect(name).not.toMatch(/[\p{Cc}\u202e]/u)
      expect(hue).toMatch(/^(\d|1[0-5])$/)
      expect(column).toBeLessThanOrEqual(7)
    }
    expect(errors).not.toHaveBeenCalled()
    expect([...here.doc!.share.keys()]).toEqual(['content'])
  })

  it('[E16] whose state cannot even be read is left out alone', async () => {
    const { here } = pairOfTexts('one two')
    const editor = openWithCursors(here)
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => errors.mockRestore())
    const hostile = new Proxy({}, { get: () => { throw new Error('hostile') } }) // prettier-ignore
    editor.presence.shows(7, { name: 'Ada', ...placed(here, [1, 1]) })
    editor.presence.others = [{ clientId: 6, state: hostile }, ...editor.presence.others]
    expect(await carets(editor)).toMatchObject([{ name: 'Ada' }])
  })
})

describe('how a peer looks', () => {
  it('[E17] is a hue index, set through the object model', async () => {
    const setAttribute = vi.spyOn(Element.prototype, 'setAttribute')
    onTestFinished(() => setAttribute.mockRestore())
    const { here } = pairOfTexts('one two')
    const editor = openWithCursors(here)
    editor.presence.shows(7, { name: 'Ada', hue: 9, ...placed(here, [1, 2]) })
    expect(await carets(editor)).toMatchObject([{ hue: '9' }])
    expect(setAttribute.mock.calls.filter(([name]) => name === 'style')).toEqual([])
  })

  it('[E17] changes when anything of it does', async () => {
    const { here } = pairOfTexts('one two')
    const editor = openWithCursors(here)
    const place = placed(here, [1, 1])
    editor.presence.shows(7, { name: 'Ada', hue: 9, ...place })
    await carets(editor)
    editor.presence.shows(7, { name: 'Grace', hue: 9, ...place })
    expect(await carets(editor)).toMatchObject([{ name: 'Grace', hue: '9' }])
    editor.presence.shows(7, { name: 'Grace', hue: 3, ...place })
    expect(await carets(editor)).toMatchObject([{ name: 'Grace', hue: '3' }])
    editor.presence.shows(7, { name: 'Grace', hue: 3, ...place, focused: false })
    expect((await carets(editor))[0]?.flags).toContain('blurred')
  })
})

describe('the name of a peer', () => {
  it('[E18] is seen for two seconds after they did something', async () => {
    const { here } = pairOfTexts('\none two')
    const editor = openWithCursors(here)
    const flags = async (ms: number) => (await carets(editor, ms))[0]?.flags
    editor.presence.shows(7, { name: 'Ada', ...placed(here, [3, 3]) })
    expect(await flags(50)).toEqual(['named'])
    expect(await flags(1_900)).toEqual(['named'])
    expect(await flags(100)).toEqual([])
    // Said again, as every quarter of a minute, is not done again.
    editor.presence.shows(7, { name: 'Ada', ...placed(here, [3, 3]) })
    expect(await flags(50)).toEqual([])
    editor.presence.shows(7, { name: 'Ada', ...placed(here, [4, 4]) })
    expect(await flags(50)).toEqual(['named'])
    expect(await flags(60_000)).toEqual([])
    expect(editor.clock.waiting).toBe(0)
  })

  it('[E18] is seen under the pointer', async () => {
    const { here } = pairOfTexts('\none two')
    const editor = openWithCursors(here)
    editor.presence.shows(7, { name: 'Ada', ...placed(here, [3, 3]) })
    await carets(editor)
    await carets(editor, 5_000)
    const caret = editor.view.dom.querySelector('.cm-coscribeCaret')
    if (caret === null) throw new Error('no caret')
    caret.getBoundingClientRect = () => new DOMRect(20, LINE_PX, 2, LINE_PX)
    const move = (clientX: number): void => {
      const init = { clientX, clientY: LINE_PX + 5, bubbles: true }
      editor.view.contentDOM.dispatchEvent(new MouseEvent('mousemove', init))
    }
    move(22)
    expect((await carets(editor))[0]?.flags).toEqual(['named'])
    move(80)
    expect((await carets(editor))[0]?.flags).toEqual([])
  })

  it('[E18] is below on the first line, and to the left at the right edge', async () => {
    const { here } = pairOfTexts('one two\nthree')
    const editor = openWithCursors(here)
    Object.assign(editor.view.scrollDOM, { clientWidth: 100 })
    editor.presence.shows(7, { name: 'A', ...placed(here, [1, 1]) })
    editor.presence.shows(8, { name: 'A longer name', ...placed(here, [10, 10]) })
    const flags = (await carets(editor)).map((caret) => caret.flags)
    expect(flags).toEqual([
      ['named', 'below'],
      ['named', 'left'],
    ])
  })
})

/** Makes the text look different, so that all has to be measured anew. */
function redraw({ view }: CursorEditor, look: Compartment): void {
  const marks = Decoration.set(
    Decoration.mark({ class: 'new' }).range(0, view.state.doc.length || 1),
  )
  const decorations = EditorView.decorations.of(
    view.state.doc.length === 0 ? Decoration.none : marks,
  )
  view.dispatch({ effects: look.reconfigure(decorations) })
}

describe('when markers are computed', () => {
  it('[E21] is not when somebody writes within another line', async () => {
    const { here, there } = pairOfTexts('one\ntwo\nthree')
    const editor = openWithCursors(here)
    editor.presence.shows(7, placed(there, [5, 5]))
    editor.presence.shows(8, placed(there, [0, 6]))
    await carets(editor)
    await carets(editor, 5_000)
    const computed = vi.spyOn(RectangleMarker, 'forRange')
    onTestFinished(() => computed.mockRestore())
    select(editor.view, 9)
    type(editor.view, 'x')
    there.insert(10, 'y')
    await carets(editor)
    expect(computed).not.toHaveBeenCalled()
    there.insert(0, 'z')
    expect((await carets(editor)).map(({ row, column }) => [row, column])).toEqual([
      [1, 1],
      [1, 2],
    ])
    expect(computed).toHaveBeenCalledTimes(1)
  })

  it('[E21] is often enough: they are always where the text is', async () => {
    const seed = 7
    const random = seededRandom(seed)
    const { here, there } = pairOfTexts('one two\n\nthree four\nfive')
    const editor = openWithCursors(here)
    const look = new Compartment()
    editor.view.dispatch({ effects: StateEffect.appendConfig.of(look.of([])) })
    for (let round = 0; round < 100; round++) {
      const texts = [here, there]
      const ytext = random.pick(texts)
      const at = random.below(ytext.length + 1)
      if (random.chance(0.3)) ytext.delete(at, Math.min(3, ytext.length - at))
      else ytext.insert(at, random.pick(['a', 'b', 'word', '\n', 'x\ny']))
      if (random.chance(0.3)) {
        const [from, to] = [random.below(here.length + 1), random.below(here.length + 1)]
        editor.presence.shows(random.below(4), placed(here, [from, to]))
      }
      const drawn = await carets(editor)
      redraw(editor, look)
      const wanted = await carets(editor)
      expect(drawn, `seed ${seed}, round ${round}`).toEqual(wanted)
    }
  })

  it('[E21] is when presence or text changed, and not when one’s own caret moved', async () => {
    const { here, there } = pairOfTexts('one two three')
    const editor = openWithCursors(here)
    editor.presence.shows(7, placed(there, [2, 5]))
    await carets(editor)
    await carets(editor, 5_000)
    const computed = vi.spyOn(RectangleMarker, 'forRange')
    onTestFinished(() => computed.mockRestore())
    for (let at = 0; at < 10; at++) select(editor.view, at)
    await carets(editor)
    expect(computed).not.toHaveBeenCalled()
    there.insert(0, 'x')
    await carets(editor)
    expect(computed).toHaveBeenCalledTimes(2)
    editor.presence.shows(7, placed(there, [2, 6]))
    await carets(editor)
    expect(computed).toHaveBeenCalledTimes(3)
  })
})

describe('a page with cursors', () => {
  it('[E2] keeps showing them when a state is set aside and set again', async () => {
    const { here } = pairOfTexts('one two')
    const editor = openWithCursors(here)
    editor.presence.shows(7, placed(here, [3, 3]))
    expect(await columns(editor)).toEqual([3])
    const aside = editor.view.state
    editor.view.setState(EditorState.create({ doc: 'another' }))
    expect(editor.presence.listeners).toBe(0)
    editor.view.setState(aside)
    expect(await columns(editor)).toEqual([3])
    expect(editor.view).toBeInstanceOf(EditorView)
  })
})

// @vitest-environment jsdom
import { EditorSelection } from '@codemirror/state'
import { remoteCursors } from '@coscribe/client/codemirror'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { openEditor, pairOfTexts, select } from '../../support/binding-world.js'
import { columns, openWithCursors, placed } from '../../support/cursor-editor.js'
import { fakeGeometry } from '../../support/fake-geometry.js'
import { FakePresence } from '../../support/fake-presence.js'
import { ManualClock } from '../../support/manual-clock.js'

beforeEach(fakeGeometry)

const cursorOf = (presence: FakePresence): unknown => presence.self?.['cursor']

/** Opens an editor whose client id is `clientId`, and says which hue it takes. */
function hueOf(clientId: number, self: object, others: [number, object][]): unknown {
  const ydoc = new Y.Doc()
  ydoc.clientID = clientId
  const editor = openWithCursors(ydoc.getText('content'), self)
  for (const [id, state] of others) editor.presence.shows(id, state)
  editor.clock.advance(500)
  return editor.presence.self?.['hue']
}

describe('what is published', () => {
  it('[E17] is a hue, places and no CSS', () => {
    const editor = openWithCursors(pairOfTexts('one two').here, { name: 'Ada' })
    editor.view.focus()
    editor.view.dispatch({
      selection: EditorSelection.create([
        EditorSelection.range(0, 3),
        EditorSelection.cursor(5),
        EditorSelection.cursor(7),
      ]),
    })
    editor.clock.advance(200)
    const self = editor.presence.self
    expect(Object.keys(self ?? {}).sort()).toEqual(['cursor', 'focused', 'hue', 'name', 'ranges'])
    expect(self?.['hue']).toSatisfy((hue) => Number.isInteger(hue) && hue >= 0 && hue < 16)
    expect(self?.['ranges']).toHaveLength(2)
    expect(JSON.stringify(self)).not.toMatch(/color|#|style/)
  })

  it('[E19] goes to the awareness of any provider as well, and comes from it', async () => {
    const { here, there } = pairOfTexts('one two')
    const [one, two] = [new Awareness(here.doc!), new Awareness(there.doc!)]
    onTestFinished(() => [one, two].forEach((awareness) => awareness.destroy()))
    for (const [from, to] of [
      [one, two],
      [two, one],
    ] as const) {
      from.on('update', (_change: unknown, origin: unknown) => {
        if (origin === 'wire') return
        applyAwarenessUpdate(to, encodeAwarenessUpdate(from, [from.clientID]), 'wire')
      })
    }
    const clock = new ManualClock()
    const [left, right] = [
      openEditor(here, { clock, extensions: remoteCursors(one, { clock }) }),
      openEditor(there, { clock, extensions: remoteCursors(two, { clock }) }),
    ]
    left.view.focus()
    select(left.view, 5)
    clock.advance(200)
    expect(await columns({ ...right, presence: new FakePresence() })).toEqual([5])
    left.view.destroy()
    expect(await columns({ ...right, presence: new FakePresence() })).toEqual([])
  })

  it('[E15] shows all ranges to others', async () => {
    const { here, there } = pairOfTexts('one two')
    const [one, two] = [openWithCursors(here, { name: 'Ada' }), openWithCursors(there)]
    one.view.focus()
    one.view.dispatch({
      selection: EditorSelection.create([
        EditorSelection.cursor(1),
        EditorSelection.range(3, 5),
        EditorSelection.cursor(7),
      ]),
    })
    one.clock.advance(200)
    two.presence.shows(here.doc!.clientID, one.presence.self)
    expect((await columns(two)).sort((a, b) => a - b)).toEqual([1, 5, 7])
  })

  it('[E19] leaves at most ten times a second, with the last always', () => {
    const editor = openWithCursors(pairOfTexts('x'.repeat(200)).here)
    editor.view.focus()
    editor.clock.advance(1_000)
    const before = editor.presence.published.length
    for (let at = 1; at <= 100; at++) {
      select(editor.view, at)
      editor.clock.advance(10)
    }
    editor.clock.advance(100)
    expect(editor.presence.published.length - before).toBeLessThanOrEqual(11)
    const last = placed(editor.ytext, [100, 100]).cursor
    expect(JSON.parse(JSON.stringify(cursorOf(editor.presence)))).toEqual(
      JSON.parse(JSON.stringify(last)),
    )
  })

  it('[E19] is nothing when nothing changed', () => {
    const { here, there } = pairOfTexts('one two')
    const editor = openWithCursors(here)
    editor.view.focus()
    select(editor.view, 2)
    editor.clock.advance(1_000)
    const before = editor.presence.published.length
    there.insert(7, 'behind the caret')
    editor.clock.advance(1_000)
    expect(editor.presence.published.length).toBe(before)
  })

  it('[E19] says when the view lost the focus, and withdraws the cursor when it is closed', () => {
    const editor = openWithCursors(pairOfTexts('one two').here)
    editor.view.focus()
    editor.clock.advance(200)
    expect(editor.presence.self).toMatchObject({ focused: true })
    editor.view.contentDOM.blur()
    editor.view.dispatch({})
    editor.view.dispatch({ selection: { anchor: 1 } })
    editor.clock.advance(200)
    expect(editor.presence.self).toMatchObject({ focused: false })
    expect(cursorOf(editor.presence)).not.toBeNull()
    editor.view.destroy()
    expect(cursorOf(editor.presence)).toBeNull()
    expect(editor.presence.listeners).toBe(0)
    expect(editor.clock.waiting).toBe(0)
  })

  it('[E19] is of the view that has the focus, and of no view of somebody who hides', () => {
    const clock = new ManualClock()
    const presence = new FakePresence()
    const { here } = pairOfTexts('one two')
    const extensions = remoteCursors(presence, { clock })
    const [one, two] = [1, 2].map(() => openEditor(here, { clock, extensions }))
    one!.view.focus()
    select(one!.view, 3)
    clock.advance(200)
    const shown = presence.self?.['cursor']
    select(two!.view, 5)
    clock.advance(200)
    expect(presence.self?.['cursor']).toBe(shown)
    two!.view.destroy()
    expect(presence.self?.['cursor']).toBe(shown)
    presence.self = null
    select(one!.view, 1)
    clock.advance(200)
    expect(presence.self).toBeNull()
  })
})

describe('hues', () => {
  it('[E20] follow from the name, and give way to those who are there', () => {
    const wanted = hueOf(5, { name: 'Ada' }, [])
    expect(hueOf(6, { name: 'Ada' }, [])).toBe(wanted)
    const other = hueOf(6, { name: 'Ada' }, [[5, { name: 'Ada', hue: wanted }]])
    expect(other).not.toBe(wanted)
    expect(hueOf(6, { name: 'Ada', hue: wanted }, [[7, { hue: wanted }]])).toBe(wanted)
    expect(hueOf(6, { name: 'Ada', hue: wanted }, [[5, { hue: wanted }]])).not.toBe(wanted)
  })

  it('[E20] of one person are the same in all their tabs', () => {
    expect(hueOf(6, { id: 'ada', hue: 4 }, [[5, { id: 'ada', hue: 4 }]])).toBe(4)
    // Their first tab gave way to somebody who has left since.
    expect(hueOf(6, { id: 'ada' }, [[5, { id: 'ada', hue: 9 }]])).toBe(9)
    expect(hueOf(5, { id: 'ada', hue: 4 }, [[6, { id: 'ada', hue: 9 }]])).toBe(4)
  })

  it('[E20] are shared when there are more people than hues', () => {
    const crowd = Array.from({ length: 16 }, (_, hue): [number, object] => [hue + 1, { hue }])
    expect(hueOf(100, { name: 'Ada', hue: 4 }, crowd)).toBe(4)
  })

  it('[E20] of labels have a contrast of 4.5 and more', () => {
    openWithCursors(pairOfTexts('').here)
    const css = [...document.querySelectorAll('style')].map((style) => style.textContent).join('\n')
    const labels = [
      ...css.matchAll(/CaretLabel \{background-color: oklch\(([^;]*); color: ([^;]*);/g),
    ]
    expect(labels).toHaveLength(2)
    for (const [, color = '', text = ''] of labels) {
      const [lightness = 0, chroma = 0] = [...color.matchAll(/, ([\d.]+)\)/g)].map((m) =>
        Number(m[1]),
      )
      const textLuminance = text.includes('white') ? 1 : 0
      for (let hue = 0; hue < 16; hue++) {
        const luminance = luminanceOf(lightness, chroma, hue * 22.5)
        const [high, low] = [textLuminance, luminance].sort((a, b) => b - a)
        expect((high! + 0.05) / (low! + 0.05)).toBeGreaterThanOrEqual(4.5)
      }
    }
  })
})

function clip(value: number): number {
  return Math.min(1, Math.max(0, value))
}

/** The relative luminance of an OKLCH colour, after clipping to sRGB. */
function luminanceOf(lightness: number, chroma: number, degrees: number): number {
  const angle = (degrees * Math.PI) / 180
  const [a, b] = [chroma * Math.cos(angle), chroma * Math.sin(angle)]
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  const red = clip(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s)
  const green = clip(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s)
  const blue = clip(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s)
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

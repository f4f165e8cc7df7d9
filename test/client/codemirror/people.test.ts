// @vitest-environment jsdom
import { EditorSelection } from '@codemirror/state'
import { peerMarks, peopleIn, personOf } from '@coscribe/client/codemirror'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import * as Y from 'yjs'
import { ownHue } from '../../../client/src/codemirror/own-hue.js'
import { pairOfTexts } from '../../support/binding-world.js'
import { carets, columns, openWithCursors, placed } from '../../support/cursor-editor.js'
import { fakeGeometry } from '../../support/fake-geometry.js'

beforeEach(fakeGeometry)

/** The page is hidden or shown. */
function turn(visibilityState: 'hidden' | 'visible'): void {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(visibilityState)
  onTestFinished(() => void vi.restoreAllMocks())
  document.dispatchEvent(new Event('visibilitychange'))
}

describe('who somebody is', () => {
  it('[K31] is the user that the server vouches for, else their own word, else their client', () => {
    const said = { id: 'mine', user: { name: 'Ada' } }
    expect(personOf(1, { id: 'ada', user: { id: 'a'.repeat(255) } })).toBe('a'.repeat(255))
    expect(personOf(1, said)).toBe('mine')
    for (const [i, strange] of [{}, { id: 5 }, { id: '' }, { user: 'x' }, { user: null }].entries())
      expect(personOf(i, strange)).toBe(`client ${i}`)
    expect(personOf(1, { id: 'x'.repeat(10_000) })).toHaveLength(255)
  })

  it('[E100] is shown once in all tabs, active if they are in one of them', () => {
    const user = { id: 'ada' }
    const people = peopleIn(
      [
        { clientId: 9, state: { user, name: 'Ada', hue: 3, cursor: {} } },
        { clientId: 2, state: { user, id: 'x', name: 'Ada', hue: 8, activity: 'away' } },
        { clientId: 3, state: { user: { id: 'ben' }, id: 'own', activity: 'idle', cursor: 5 } },
        { clientId: 4, state: { user: { id: 'own' }, name: 'My other tab' } },
        { clientId: 5, state: { activity: { toString: null } } },
      ],
      'own',
    )
    expect(people).toMatchObject([
      { person: 'ada', name: 'Ada', hue: 8, activity: 'active', isInText: true },
      { person: 'ben', name: '', activity: 'idle', isInText: false },
      { person: 'client 5', activity: 'active' },
    ])
  })
})

describe('the hue of somebody with several tabs', () => {
  const ada = { id: 'ada', name: 'Ada' }

  it('[E104] is the one that was chosen last, in whichever of them', () => {
    const chosen = { clientId: 9, state: { ...ada, hue: 5, hueAt: 200 } }
    expect(ownHue(2, { ...ada, hue: 3, hueAt: 100 }, [chosen])).toBe(5)
    expect(ownHue(2, { ...ada, hue: 3, hueAt: 300 }, [chosen])).toBe(3)
    expect(ownHue(2, { ...ada, hue: 3 }, [chosen])).toBe(5)
    // Nonsense chooses nothing.
    for (const hueAt of [-1, 1.5, 'soon', null, 2 ** 60]) {
      expect(
        ownHue(2, { ...ada, hue: 3 }, [{ clientId: 9, state: { ...ada, hue: 5, hueAt } }]),
      ).toBe(3)
    }
  })

  it('[E104] gives way to another person only who was there before all of them', () => {
    const tab = { clientId: 2, state: { ...ada, hue: 5 } }
    const stranger = { clientId: 6, state: { id: 'ben', hue: 5 } }
    expect(ownHue(9, { ...ada, hue: 5, hueAt: 1 }, [tab, stranger])).toBe(5)
    expect(ownHue(9, { ...ada, hue: 5, hueAt: 1 }, [stranger])).not.toBe(5)
  })
})

describe('what somebody is doing', () => {
  it('[E103, K30] is said when it changes: idle after a minute, away at once', () => {
    const editor = openWithCursors(pairOfTexts('one').here, { name: 'Ada' })
    const said = (): unknown => editor.presence.self?.['activity']
    const published = (): number =>
      editor.presence.published.filter((patch) => 'activity' in patch).length
    editor.clock.advance(30_000)
    document.dispatchEvent(new Event('pointermove'))
    editor.clock.advance(59_000)
    expect(said()).toBeUndefined()
    editor.clock.advance(1_000)
    expect([said(), published(), editor.clock.waiting]).toEqual(['idle', 1, 0])
    for (let i = 0; i < 100; i++) document.dispatchEvent(new KeyboardEvent('keydown'))
    expect([said(), published()]).toEqual([undefined, 2])
    turn('hidden')
    expect([said(), published(), editor.clock.waiting]).toEqual(['away', 3, 0])
    document.dispatchEvent(new Event('pointermove'))
    expect(said()).toBe('away')
    turn('visible')
    expect(said()).toBeUndefined()
    turn('hidden')
    editor.view.destroy()
    expect([said(), editor.clock.waiting]).toEqual([undefined, 0])
    const before = editor.presence.published.length
    turn('visible')
    expect(editor.presence.published.length).toBe(before)
  })

  it('[E103] is not said of somebody who hides', () => {
    const editor = openWithCursors(pairOfTexts('one').here)
    editor.presence.self = null
    editor.clock.advance(100_000)
    expect(editor.presence.self).toBeNull()
  })

  it('[E103] dims the carets of who is idle in all their tabs', async () => {
    const { here } = pairOfTexts('one two')
    const editor = openWithCursors(here)
    const flags = async () => (await carets(editor)).map((caret) => caret.flags.includes('blurred'))
    editor.presence.shows(7, { id: 'ada', activity: 'idle', ...placed(here, [1, 1]) })
    expect(await flags()).toEqual([true])
    editor.presence.shows(8, { id: 'ada', ...placed(here, [5, 5]) })
    expect(await flags()).toEqual([false, false])
    editor.presence.shows(8, { id: 'ada', activity: 'away', ...placed(here, [5, 5]) })
    expect(await flags()).toEqual([true, true])
  })
})

describe('somebody with many cursors', () => {
  it('[E106] shows a hundred, as far as they fit a state, with the name at the main one', async () => {
    const { here, there } = pairOfTexts('ab '.repeat(150))
    const [one, two] = [openWithCursors(here, { name: 'Ada' }), openWithCursors(there)]
    one.view.focus()
    const many = Array.from({ length: 150 }, (_, i) => EditorSelection.cursor(3 * i + 1))
    one.view.dispatch({ selection: EditorSelection.create(many, 60) })
    one.clock.advance(200)
    expect(JSON.stringify(one.presence.self).length).toBeLessThan(3_500)
    two.presence.shows(here.doc!.clientID, one.presence.self)
    const shown = await carets(two)
    expect(shown.length).toBeGreaterThan(80)
    expect(shown.length).toBeLessThanOrEqual(100)
    const named = shown.filter(({ flags }) => flags.includes('named'))
    expect(named.map(({ column }) => column)).toEqual([181])
  })

  it('[E106] leaves everybody else their main one, however many such people there are', async () => {
    const ytext = new Y.Doc().getText('content')
    ytext.insert(0, 'x'.repeat(120))
    const editor = openWithCursors(ytext)
    const ranges = Array.from({ length: 100 }, (_, i): [number, number] => [i, i])
    for (let id = 1; id <= 40; id++) editor.presence.shows(id, placed(ytext, ...ranges))
    editor.presence.shows(50, placed(ytext, [110, 110]))
    const shown = await columns(editor)
    expect(shown.length).toBeLessThanOrEqual(2_000)
    expect(shown).toContain(110)
  })
})

describe('marks beside a long text', () => {
  it('[E107] say where everybody is, are for the pointer only, and go with them', async () => {
    vi.spyOn(document.documentElement, 'clientHeight', 'get').mockReturnValue(100)
    onTestFinished(() => void vi.restoreAllMocks())
    const { here, there } = pairOfTexts('line\n'.repeat(400))
    const editor = openWithCursors(here, { id: 'me' }, undefined, peerMarks())
    editor.view.dom.getBoundingClientRect = () => new DOMRect(0, 0, 100, 100)
    document.dispatchEvent(new Event('scroll'))
    const tops = async (): Promise<(number | undefined)[]> => {
      await carets(editor)
      const marks = editor.view.dom.querySelectorAll<HTMLElement>('.cm-coscribeMark')
      return [...marks].map(({ style }) => Math.round(Number.parseFloat(style.top)))
    }
    editor.presence.shows(7, { id: 'ada', name: 'Ada', hue: 3, ...placed(there, [500, 500]) })
    editor.presence.shows(8, { id: 'ben', name: '<b>', ...placed(there, [1_500, 1_500]) })
    editor.presence.shows(9, { id: 'me', ...placed(there, [9, 9]) })
    editor.presence.shows(10, { id: 'x', name: 'Nowhere' })
    expect(await tops()).toEqual([25, 75])
    const strip = editor.view.dom.querySelector('.cm-coscribeMarks')
    expect([strip?.getAttribute('aria-hidden'), strip?.querySelector('[tabindex], b')]).toEqual([
      'true',
      null,
    ])
    there.insert(0, 'line\n'.repeat(400))
    expect(await tops()).toEqual([62, 87])
    editor.presence.shows(8, null)
    expect(await tops()).toEqual([62])
    strip?.querySelector<HTMLElement>('.cm-coscribeMark')?.click()
    expect(editor.view.dom.querySelector('.cm-announced')?.textContent).toBe('Ada is in line 501')
    expect((await carets(editor))[0]?.flags).toEqual(['named', 'flash'])
  })
})

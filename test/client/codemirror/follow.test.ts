// @vitest-environment jsdom
import { EditorState } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import {
  followedBy,
  followPeer,
  following,
  jumpToPeer,
  sayWhoIsHere,
  type FollowChange,
} from '@coscribe/client/codemirror'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import * as Y from 'yjs'
import { pairOfTexts, select, settled, type } from '../../support/binding-world.js'
import { carets, openWithCursors, placed, type CursorEditor } from '../../support/cursor-editor.js'
import { fakeGeometry } from '../../support/fake-geometry.js'
import { ManualClock } from '../../support/manual-clock.js'

beforeEach(() => {
  fakeGeometry()
  vi.spyOn(document.documentElement, 'clientHeight', 'get').mockReturnValue(1_000)
  onTestFinished(() => void vi.restoreAllMocks())
})

interface Follower extends CursorEditor {
  readonly there: Y.Text
  /** What was told of it. */
  readonly changes: FollowChange[]
}

/** An editor that follows Ada, who is in the text. */
function followAda(text = 'one\ntwo\nthree'): Follower {
  const { here, there } = pairOfTexts(text)
  const clock = new ManualClock()
  const changes: FollowChange[] = []
  const extensions = following({ clock, onChange: (change) => changes.push(change) })
  const editor = openWithCursors(here, { id: 'me' }, clock, extensions)
  editor.presence.shows(7, { id: 'ada', name: 'Ada', hue: 3, ...placed(there, [5, 5]) })
  clock.advance(100)
  expect(followPeer(editor.view, 'ada')).toBe(true)
  clock.advance(100)
  return { ...editor, there, changes }
}

/** What was read out last. */
function said({ view }: { readonly view: EditorView }): string | null {
  return view.dom.querySelector('.cm-announced')?.lastElementChild?.textContent ?? null
}

/** The text is seen at `top`, and so much of it can be seen at once. */
function scrollTo({ view }: CursorEditor, top: number, visible = 400): void {
  view.contentDOM.getBoundingClientRect = () => new DOMRect(0, top, 100, 2_000)
  view.dom.getBoundingClientRect = () => new DOMRect(0, 0, 100, visible)
  document.dispatchEvent(new Event('scroll'))
}

describe('following somebody', () => {
  it('[E102] says so in a frame and aloud, and ends by the button', async () => {
    const ada = followAda()
    const frame = ada.view.dom.querySelector<HTMLElement>('.cm-coscribeFrame')
    expect(frame?.textContent).toBe('Following AdaStop')
    expect(frame?.style.getPropertyValue('--coscribe-hue')).toBe('3')
    expect(said(ada)).toBe('Following Ada. Escape stops.')
    ada.presence.shows(7, { id: 'ada', name: 'Grace', hue: 4, ...placed(ada.there, [5, 5]) })
    ada.clock.advance(100)
    expect(frame?.textContent).toBe('Following GraceStop')
    frame?.querySelector('button')?.click()
    await settled()
    expect(ada.view.dom.querySelector('.cm-coscribeFrame')).toBeNull()
    expect(said(ada)).toBe('No longer following Grace')
    expect(ada.changes.map(({ end }) => end)).toEqual([null, 'asked'])
    ada.clock.advance(200_000)
    expect(ada.clock.waiting).toBe(0)
  })

  it.each<[string, (ada: Follower) => void]>([
    ['typed', ({ view }) => type(view, 'x')],
    ['escape', () => document.body.dispatchEvent(key('Escape'))],
    [
      'left',
      (ada) => {
        ada.presence.shows(7, null)
        ada.clock.advance(5_100)
      },
    ],
    [
      'scrolled',
      (ada) => {
        ada.view.contentDOM.dispatchEvent(new WheelEvent('wheel', { bubbles: true }))
        scrollTo(ada, -150)
        expect(followedBy(ada.view)).not.toBeNull()
        scrollTo(ada, -450)
      },
    ],
  ])('[E102] ends: %s', async (end, act) => {
    const ada = followAda()
    scrollTo(ada, 0)
    await carets(ada)
    act(ada)
    await settled()
    expect(followedBy(ada.view)).toBeNull()
    expect(ada.changes.at(-1)).toEqual({ followed: null, end })
    const left = end === 'left'
    expect(said(ada)).toBe(
      left ? 'Ada has left, you are no longer following' : 'No longer following Ada',
    )
  })

  it('[E102] goes on when something is selected, others write, the editor scrolls or a line blinks', () => {
    const ada = followAda()
    select(ada.view, 0, 3)
    ada.there.insert(0, 'more\n'.repeat(5))
    scrollTo(ada, -900)
    ada.presence.shows(7, null)
    ada.clock.advance(4_000)
    ada.presence.shows(7, { id: 'ada', name: 'Ada', ...placed(ada.there, [9, 9]) })
    ada.clock.advance(20_000)
    const dialog = document.body.appendChild(document.createElement('dialog'))
    onTestFinished(() => dialog.remove())
    dialog.setAttribute('open', '')
    dialog.dispatchEvent(key('Escape'))
    expect(followedBy(ada.view)).toMatchObject({ person: 'ada', name: 'Ada' })
  })

  it('[E102] scrolls when they moved, not while the person scrolls, and nobody follows themselves', () => {
    const ada = followAda()
    const dispatched = vi.spyOn(ada.view, 'dispatch')
    const moves = (to: number): number => {
      dispatched.mockClear()
      ada.presence.shows(7, { id: 'ada', name: 'Ada', hue: 3, ...placed(ada.there, [to, to]) })
      ada.clock.advance(100)
      return dispatched.mock.calls.length
    }
    // One that they are elsewhere, and one that scrolls there.
    expect(moves(2)).toBe(2)
    ada.view.contentDOM.dispatchEvent(new WheelEvent('wheel', { bubbles: true }))
    expect(moves(8)).toBe(1)
    dispatched.mockClear()
    ada.clock.advance(600)
    expect(dispatched).toHaveBeenCalledTimes(1)
    expect([followPeer(ada.view, 'nobody'), followPeer(ada.view, 'me')]).toEqual([false, false])
  })

  it('[E102] two who follow each other stay where they are', () => {
    const { here, there } = pairOfTexts('one\ntwo\nthree')
    const clock = new ManualClock()
    const [one, two] = [here, there].map((ytext, i) =>
      openWithCursors(ytext, { id: `${i}`, name: `${i}` }, clock, following({ clock })),
    ) as [CursorEditor, CursorEditor]
    for (const editor of [one, two]) {
      editor.view.focus()
      select(editor.view, 2)
      clock.advance(200)
    }
    const tell = (): void => {
      one.presence.shows(there.doc!.clientID, two.presence.self)
      two.presence.shows(here.doc!.clientID, one.presence.self)
      clock.advance(200)
    }
    tell()
    expect([followPeer(one.view, '1'), followPeer(two.view, '0')]).toEqual([true, true])
    for (let i = 0; i < 5; i++) tell()
    clock.advance(5_000)
    tell()
    const dispatched = [one, two].map(({ view }) => vi.spyOn(view, 'dispatch'))
    const published = one.presence.published.length
    for (let i = 0; i < 20; i++) tell()
    expect(dispatched.map((calls) => calls.mock.calls.length)).toEqual([0, 0])
    expect(one.presence.published.length).toBe(published)
  })

  it('[E102] leaves nothing behind in a state that is set aside, and goes on when it is set again', () => {
    const removed = vi.spyOn(document, 'removeEventListener')
    const added = vi.spyOn(document, 'addEventListener')
    onTestFinished(() => void vi.restoreAllMocks())
    const ada = followAda()
    const aside = ada.view.state
    ada.view.setState(EditorState.create({ doc: '' }))
    expect(removed.mock.calls.length).toBeGreaterThan(8)
    expect(removed.mock.calls.length).toBe(added.mock.calls.length)
    ada.view.setState(aside)
    ada.clock.advance(200)
    expect(ada.view.dom.querySelector('.cm-coscribeFrame')).not.toBeNull()
    ada.view.destroy()
    expect(ada.clock.waiting).toBe(0)
  })
})

describe('jumping to somebody', () => {
  it('[E101] makes their caret stand out for a moment, and leaves focus and selection', async () => {
    const ada = followAda()
    ada.presence.shows(8, { id: 'ben', name: 'Ben', ...placed(ada.there, [1, 1]) })
    ada.clock.advance(5_000)
    select(ada.view, 3)
    const focus = document.activeElement
    expect(jumpToPeer(ada.view, 'ben')).toBe(true)
    expect(ada.view.dom.querySelector('.cm-announced')?.textContent).toContain('Ben is in line 1')
    const flags = async (ms: number) => (await carets(ada, ms)).map((caret) => caret.flags)
    expect(await flags(10)).toEqual([[], ['named', 'flash', 'below']])
    expect([ada.view.state.selection.main.head, document.activeElement]).toEqual([3, focus])
    expect(followedBy(ada.view)).toBeNull()
    expect(await flags(1_600)).toEqual([[], ['below']])
    expect(jumpToPeer(ada.view, 'nobody')).toBe(false)
  })
})

describe('who is here', () => {
  it('[E108] is read out on demand, with lines and what they are doing', () => {
    const ada = followAda()
    sayWhoIsHere(ada.view)
    expect(said(ada)).toBe('Here: Ada in line 2')
    ada.presence.shows(8, { id: 'ben', name: 'Ben', activity: 'away' })
    ada.presence.shows(9, { id: 'me', name: 'My other tab' })
    for (let id = 10; id < 20; id++) ada.presence.shows(id, { id: `${id}`, name: `P${id}` })
    ada.clock.advance(100)
    sayWhoIsHere(ada.view)
    expect(said(ada)).toMatch(/^Here: Ada in line 2, Ben \(away\), P10, .*, P17 and 2 more$/)
  })
})

function key(name: string): KeyboardEvent {
  return new KeyboardEvent('keydown', { key: name, bubbles: true, composed: true })
}

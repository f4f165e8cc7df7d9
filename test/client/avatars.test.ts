// @vitest-environment jsdom
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { Announcer, type Spoken } from '../../client/src/editor/announcer.js'
import { CoscribeAvatars, defineElements } from '../../client/src/editor/index.js'
import type { UserLook } from '../../client/src/editor/resolved-users.js'
import { OwnLook } from '../../client/src/page/own-look.js'
import { presenceOf, rememberedPerson } from '../../client/src/page/person.js'
import { people as words } from '../../client/src/phrases/en/people.js'
import { ManualClock } from '../support/manual-clock.js'
import { come } from '../support/presence-of-others.js'
import { seededRandom } from '../support/random.js'
import { ScriptedRoom } from '../support/scripted-room.js'

beforeAll(defineElements)

function memory(): { read(name: string): string | null; write(name: string, value: string): void } {
  const values = new Map<string, string>()
  return {
    read: (name) => values.get(name) ?? null,
    write: (name, value) => void values.set(name, value),
  }
}

/** Shows the people at a room. */
function avatarsOf({ room }: ScriptedRoom): CoscribeAvatars {
  const avatars = document.createElement('coscribe-avatars')
  avatars.room = room
  document.body.append(avatars)
  onTestFinished(() => avatars.remove())
  return avatars
}

function titles(avatars: CoscribeAvatars): readonly string[] {
  const faces = avatars.shadowRoot?.querySelectorAll<HTMLElement>('.people .face:not(.own)') ?? []
  return [...faces].map(({ title }) => title)
}

describe('the people at a document', () => {
  it('[E100] are faces and a list of everybody, each person once', async () => {
    const scripted = new ScriptedRoom({ user: { id: 'me', name: 'Me' } })
    const avatars = avatarsOf(scripted)
    await avatars.updateComplete
    expect(avatars.shadowRoot?.querySelector('#everybody')).toBeNull()
    const many = Array.from({ length: 8 }, (_, i) => ({ id: `p${i}`, name: `P${i}` }))
    come(scripted, ...many, { id: 'p0', name: 'P0', activity: 'idle' }, { id: 'me', name: 'Me' })
    come(scripted, { id: 'p0b', name: '<b>\u202e', activity: 'away', hue: 'x' })
    await expect.poll(() => titles(avatars)).toEqual(['P0', '<b> (away)', 'P1', 'P2', 'P3'])
    const more = avatars.shadowRoot?.querySelector('#everybody')
    expect(more?.textContent).toContain('Everybody here: 10')
    expect(more?.textContent).toContain('+4')
    expect(avatars.shadowRoot?.querySelectorAll('#list .person')).toHaveLength(10)
    expect(avatars.shadowRoot?.querySelector('#list')?.textContent).not.toContain('Jump to')
  })

  it('[E100] can be gone to and followed in the editor beside them', async () => {
    const scripted = new ScriptedRoom({ user: { id: 'me', name: 'Me' } })
    const avatars = avatarsOf(scripted)
    const done: string[] = []
    avatars.editor = {
      following: 'ben',
      follow: (person) => done.push(`follow ${person}`) > 0,
      jumpTo: (person) => done.push(`jump to ${person}`) > 0,
    }
    const list = (): HTMLElement | null | undefined =>
      avatars.shadowRoot?.querySelector<HTMLElement>('#list')
    come(scripted, { id: 'ada', name: 'Ada', cursor: {} }, { id: 'ben', name: 'Ben' })
    await expect.poll(() => list()?.querySelectorAll('button').length).toBe(4)
    Object.assign(list() ?? {}, { hidePopover: () => done.push('closed') })
    const buttons = [...(list()?.querySelectorAll('button') ?? [])]
    expect(buttons.map((button) => button.getAttribute('aria-label'))).toEqual([
      'Jump to Ada',
      'Follow Ada',
      'Jump to Ben',
      'Follow Ben',
    ])
    expect(buttons.map((button) => button.ariaPressed)).toEqual([null, 'false', null, 'true'])
    expect(buttons[2]?.disabled).toBe(true)
    for (const button of buttons) button.click()
    avatars.shadowRoot?.querySelector<HTMLElement>('button.face:not(.own)')?.click()
    expect(done.filter((what) => what !== 'closed')).toEqual([
      'jump to ada',
      'follow ada',
      'follow null',
      'jump to ada',
    ])
  })

  it('[E166] are called and shown as the editor beside them knows them, and joined when that is known', async () => {
    const scripted = new ScriptedRoom({ user: { id: 'me', name: 'Me' } })
    scripted.handshake()
    const avatars = avatarsOf(scripted)
    const known = new Map<string, UserLook>()
    avatars.editor = {
      following: null,
      follow: () => false,
      jumpTo: () => false,
      users: {
        of: (person) => known.get(person),
        isAwaited: (person) => person !== 'me' && !known.has(person),
        refresh: () => undefined,
      },
    }
    await avatars.updateComplete
    const root = avatars.shadowRoot
    come(scripted, { id: 'grace', name: 'Your boss' })
    await expect.poll(() => titles(avatars)).toEqual(['Your boss'])
    const said: string[] = []
    new MutationObserver(() =>
      said.push(root?.querySelector('[role=status]')?.textContent ?? ''),
    ).observe(root?.querySelector('[role=status]') ?? document, {
      childList: true,
      characterData: true,
      subtree: true,
    })
    // Longer than it takes until those are named who were here before.
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    expect(said.join()).not.toContain('boss')
    known.set('grace', { name: 'Grace', hue: 7, avatar: 'https://pictures.test/grace' })
    avatars.dispatchEvent(new CustomEvent('coscribe-users', { bubbles: true }))
    await expect.poll(() => titles(avatars)).toEqual(['Grace'])
    const face = root?.querySelector<HTMLElement>('.people .face:not(.own)')
    expect([face?.dataset['hue'], face?.querySelector('img')?.src]).toEqual([
      '7',
      'https://pictures.test/grace',
    ])
    const picture = face?.querySelector('img')
    picture?.dispatchEvent(new Event('error'))
    expect([picture?.hidden, face?.textContent?.trim()]).toEqual([true, 'G'])
    await expect.poll(() => said.at(-1)).toContain('Grace')
    expect(said.join()).not.toContain('boss')
  })

  it('[E20] the face of oneself has the hue of the cursor, also when that gives way', async () => {
    const scripted = new ScriptedRoom({ user: { id: 'ada', name: 'Ada' } })
    const avatars = avatarsOf(scripted)
    const hue = (): string | undefined =>
      avatars.shadowRoot?.querySelector<HTMLElement>('.own')?.dataset['hue']
    for (const wanted of [3, 8]) {
      scripted.room.presence.set({ hue: wanted })
      await expect.poll(hue).toBe(String(wanted))
    }
    avatars.remove()
    const listeners = scripted.room.presence.awareness['_observers'].get('change')?.size
    document.body.append(avatars)
    expect(scripted.room.presence.awareness['_observers'].get('change')?.size).toBe(listeners! + 1)
  })
})

describe('how oneself appears', () => {
  it('[E104] a name and a hue are chosen, remembered, and taken over by other tabs', () => {
    const kept = memory()
    const clock = new ManualClock()
    const [one, two] = [1, 2].map(() => {
      const { room } = new ScriptedRoom()
      const person = rememberedPerson(kept, seededRandom(1))
      room.presence.set(presenceOf(person))
      const look = new OwnLook(person, { room, memory: kept, clock, fixedName: undefined })
      onTestFinished(look.watch(window))
      return { room, look }
    }) as [
      { room: ScriptedRoom['room']; look: OwnLook },
      { room: ScriptedRoom['room']; look: OwnLook },
    ]
    one.look.change('Ada\u202e ', 7)
    window.dispatchEvent(new StorageEvent('storage'))
    for (const { room, look } of [one, two]) {
      expect(room.presence.self).toMatchObject({ name: 'Ada', hue: 7, hueAt: expect.any(Number) })
      expect([look.name, look.hue]).toEqual(['Ada', 7])
    }
    expect(rememberedPerson(kept, seededRandom(2))).toMatchObject({
      name: 'Ada',
      chosen: { hue: 7 },
    })
    two.look.change('Grace', null)
    expect(two.room.presence.self).toMatchObject({ name: 'Grace', hue: 7 })
    kept.write('hue', '99 soon')
    expect(rememberedPerson(kept, seededRandom(2)).chosen).toBeNull()
  })

  it('[E104] a name that a credential gives stays, and is not remembered as one’s own', () => {
    const kept = memory()
    kept.write('name', 'Otter')
    const { room } = new ScriptedRoom()
    const person = rememberedPerson(kept, seededRandom(1))
    const clock = new ManualClock()
    const look = new OwnLook(person, { room, memory: kept, clock, fixedName: 'Ada Lovelace' })
    look.change('Mallory', 4)
    expect([look.name, look.isNameFixed]).toEqual(['Ada Lovelace', true])
    expect(room.presence.self).toMatchObject({ name: 'Ada Lovelace', hue: 4 })
    expect(kept.read('name')).toBe('Otter')
  })
})

function crowd(from: number, to: number): readonly Spoken[] {
  const count = to - from
  return Array.from({ length: count }, (_, i) => ({ person: `${from + i}`, name: `P${from + i}` }))
}

describe('coming and going', () => {
  const [ada, ben] = [
    { person: 'a', name: 'Ada' },
    { person: 'b', name: 'Ben' },
  ]
  let clock: ManualClock
  let said: string[]
  let announcer: Announcer
  beforeEach(() => {
    clock = new ManualClock()
    said = []
    announcer = new Announcer(
      clock,
      () => words,
      (text) => said.push(text),
    )
  })
  it('[E105] is said once, and a blip is not', () => {
    announcer.update([ada])
    clock.advance(10_000)
    announcer.update([ada, ben])
    clock.advance(10_000)
    announcer.update([ada])
    clock.advance(44_000)
    announcer.update([ada, ben])
    clock.advance(60_000)
    expect(said).toEqual(['Also here: Ada', 'Ben joined'])
    announcer.update([ada])
    clock.advance(45_000)
    expect(said.slice(2)).toEqual(['Ben left'])
    announcer.update([ada, ben])
    clock.advance(60_000)
    expect(said.slice(3)).toEqual(['Ben joined'])
  })

  it('[E105] is said together when it happens together', () => {
    announcer.update([])
    clock.advance(5_000)
    announcer.update([ada])
    clock.advance(1)
    for (let count = 1; count < 12; count++) announcer.update([ada, ...crowd(0, count)])
    announcer.update([ada, ben, ...crowd(0, 3)])
    clock.advance(5_000)
    expect(said).toEqual(['Ada joined', 'P0, P1 and 10 others joined'])
    announcer.update([ada])
    clock.advance(50_000)
    expect(said.slice(2)).toEqual(['P3, P4 and 6 others left', 'P0, P1 and 2 others left'])
  })

  it('[E105] is not said while the server is out of reach: nobody can be seen then', () => {
    announcer.update([], false)
    clock.advance(5_000)
    announcer.update([ada, ben])
    clock.advance(5_000)
    announcer.update([], false)
    clock.advance(500_000)
    announcer.update([], true)
    announcer.update([ada], true)
    clock.advance(44_000)
    expect(said).toEqual(['Also here: Ada and Ben'])
    clock.advance(2_000)
    expect(said.slice(1)).toEqual(['Ben left'])
  })

  it('[E105] of very many leaves nothing behind', () => {
    announcer.update([])
    clock.advance(5_000)
    for (let from = 0; from < 20_000; from += 100) announcer.update(crowd(from, from + 100))
    expect(clock.waiting).toBeLessThanOrEqual(1_001)
    announcer.stop()
    expect(clock.waiting).toBe(0)
  })
})

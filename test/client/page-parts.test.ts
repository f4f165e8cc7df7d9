import { peopleIn } from '@coscribe/client/codemirror'
import { describe, expect, it } from 'vitest'
import { cleanName, rememberedPerson } from '../../client/src/page/person.js'
import { isPlace, newDocumentId, pathOf, routeOf } from '../../client/src/page/route.js'
import { applyTheme, rememberedTheme } from '../../client/src/page/theme-choice.js'
import { seededRandom } from '../support/random.js'

function memory(): { read(name: string): string | null; write(name: string, value: string): void } {
  const values = new Map<string, string>()
  return {
    read: (name) => values.get(name) ?? null,
    write: (name, value) => void values.set(name, value),
  }
}

describe('the address of a document', () => {
  it('[E30] a new id holds 128 random bits in 26 letters', () => {
    const random = {
      fraction: () => 0,
      bytes: (length: number) => new Uint8Array(length).fill(255),
    }
    expect(newDocumentId(random)).toBe(`${'z'.repeat(25)}w`)
    const different = new Set<string>()
    const seeded = seededRandom(1)
    for (let count = 0; count < 100; count++) different.add(newDocumentId(seeded))
    expect(different.size).toBe(100)
  })

  it.each(['abc', 'any room name', 'a/b', '100%', 'ünïcode ☃', 'a?b#c'])(
    '[E30] the path of %s leads back to it',
    (id) => {
      const { pathname, search, hash } = new URL(pathOf(id), 'http://here')
      expect(search + hash).toBe('')
      expect(routeOf(pathname)).toEqual({ kind: 'document', id })
    },
  )

  it.each([
    ['/', 'home'],
    ['/elsewhere', 'home'],
    ['/trash', 'trash'],
    ['/new', 'new'],
    ['/d/', 'new'],
  ])('[E30, E85] %s leads to: %s', (path, kind) => {
    expect(routeOf(path)).toEqual({ kind })
  })

  it('[E93] links to what the server answers by itself leave the page', () => {
    expect(['/', '/trash', '/new', '/d/x'].filter((path) => !isPlace(path))).toEqual([])
    expect(['/status', '/metrics', '/api/v1/documents', '/d/%ff'].filter(isPlace)).toEqual([])
  })

  it.each(['/d/%ff', '/d/100%', '/d/%zz', '/d/.hidden', `/d/${'x'.repeat(256)}`, '/d/a%00b'])(
    '[E30] %s names no document, and does not become the address of a new one',
    (path) => {
      expect(routeOf(path)).toEqual({
        kind: 'unusable',
        reason: expect.stringContaining('a document id'),
      })
    },
  )
})

describe('people', () => {
  it('[E42] each is shown once, whatever they say of themselves', () => {
    const people = peopleIn(
      [
        { clientId: 1, state: { id: 'ada', name: 'Ada', hue: 3 } },
        { clientId: 2, state: { id: 'ada', name: 'Ada', hue: 3 } },
        { clientId: 3, state: { id: 'own', name: 'My other tab' } },
        { clientId: 4, state: { name: { toString: null }, hue: 'url(//evil)' } },
        { clientId: 5, state: { id: 7, name: `x${'y'.repeat(1_000)}` } },
        { clientId: 6, state: {} },
      ],
      'own',
    )
    expect(people.map(({ name }) => name.slice(0, 8)).sort()).toEqual(['', '', 'Ada', 'xyyyyyyy'])
    for (const { name, hue } of people) {
      expect(name.length).toBeLessThanOrEqual(40)
      expect(Number.isInteger(hue) && hue >= 0 && hue < 16).toBe(true)
    }
  })

  it('[E20] whoever has several tabs looks as in the first', () => {
    const tabs = [
      { clientId: 9, state: { id: 'ada', name: 'Ada', hue: 3 } },
      { clientId: 2, state: { id: 'ada', name: 'Ada', hue: 8 } },
      { clientId: 5, state: { id: 'ada', name: 'Ada', hue: 3 } },
    ]
    expect(peopleIn(tabs, 'own')).toMatchObject([{ name: 'Ada', hue: 8 }])
    expect(peopleIn(tabs.toReversed(), 'own')).toMatchObject([{ hue: 8 }])
  })

  it('[E42] a name is one line, cut, and never empty', () => {
    expect(cleanName('  Ada \u202e\u0007 ')).toBe('Ada')
    expect(cleanName('')).toBe('Somebody')
    expect(cleanName(undefined)).toBe('Somebody')
    for (const invisible of ['\u200b', '\ufeff\u2060', '\u0301\u0301', '\u3164', '\u2800 \u00ad'])
      expect(cleanName(invisible)).toBe('Somebody')
    for (const name of ['👩‍🚀', 'Zoë', '李', '∀', '…']) expect(cleanName(name)).toBe(name)
  })

  it('[E30] a person keeps name, id and theme', () => {
    const kept = memory()
    const person = rememberedPerson(kept, seededRandom(1))
    expect(rememberedPerson(kept, seededRandom(2))).toEqual(person)
    expect(rememberedTheme(kept)).toBe('system')
    const root = { dataset: {} } as HTMLElement
    applyTheme(root, kept, 'dark')
    expect([root.dataset['theme'], rememberedTheme(kept)]).toEqual(['dark', 'dark'])
    applyTheme(root, kept, 'system')
    expect(root.dataset).toEqual({})
  })
})

import { describe, expect, it } from 'vitest'
import { stockVersions } from '../support/clients.js'
import { eventually } from '../support/eventually.js'
import { personForTest, serverForTest, stockTests, warnings } from '../support/stock-room.js'

stockTests()

/** Names that people and apps give, and the id each arrives as. */
const names: readonly (readonly [name: string, id: string])[] = [
  ['notes', 'notes'],
  ['Notes', 'Notes'],
  ['my notes', 'my notes'],
  ['my+notes', 'my+notes'],
  ['my  notes', 'my  notes'],
  [' my notes', ' my notes'],
  ['team/notes', 'team/notes'],
  ['team//notes', 'team//notes'],
  ['/team/notes', '/team/notes'],
  ['team/notes/', 'team/notes/'],
  ['100%', '100%'],
  ['100% sure', '100% sure'],
  ['100%2525', '100%25'],
  ['%zz', '%zz'],
  ['заметки', 'заметки'],
  ['メモ', 'メモ'],
  ['מחברת', 'מחברת'],
  ['🦊 & 🐻', '🦊 & 🐻'],
  ['caf\u00e9', 'caf\u00e9'],
  ['cafe\u0301', 'cafe\u0301'],
  ['__proto__', '__proto__'],
  ['constructor', 'constructor'],
  ['a;b=c&d', 'a;b=c&d'],
  ['healthz', 'healthz'],
  ['z'.repeat(255), 'z'.repeat(255)],
]

/** Names that a URL makes equal before they are sent, and the id both arrive as. */
const sameNames: readonly (readonly [name: string, id: string])[] = [
  ['my%20notes', 'my notes'],
  ['team%2Fnotes', 'team/notes'],
  ['team\\notes', 'team/notes'],
  ['notes ', 'notes'],
  ['no\ntes', 'notes'],
  ['other/../notes', 'notes'],
  // The provider puts the name before a query of its own: whatever follows a question mark is lost.
  ['notes?draft=1', 'notes'],
]

const refused: readonly (readonly [name: string, code: number])[] = [
  ['', 4400],
  ['.hidden', 4400],
  ['é'.repeat(128), 4400],
]

describe.each(stockVersions)('%s', (version) => {
  it('[P20] keeps rooms of all kinds of names apart, for those who write and for those who read', async () => {
    const server = await serverForTest()
    const writers = names.map(([name]) => personForTest(version, server.url, name))
    writers.forEach((writer, i) => writer.type(`text ${i}`))
    const readers = names.map(([name]) => personForTest(version, server.url, name))
    for (const [i, reader] of readers.entries()) await reader.sees(`text ${i}`)
    for (const [i, writer] of writers.entries()) expect(writer.content).toBe(`text ${i}`)

    const same = sameNames.map(([name]) => personForTest(version, server.url, name))
    const expected = sameNames.map(([, id]) => names.findIndex(([, known]) => known === id))
    for (const [i, reader] of same.entries()) await reader.sees(`text ${expected[i]}`)

    await server.stop()
    expect([...(await server.storedIds())].sort()).toEqual(names.map(([, id]) => id).sort())
    for (const [i, [, id]] of names.entries()) {
      expect((await server.storedDoc(id)).getText('t').toString()).toBe(`text ${i}`)
    }
  })

  it.each(refused)('[P20] refuses %j with a code and a reason', async (name, code) => {
    const server = await serverForTest()
    const ada = personForTest(version, server.url, name)
    ada.type('kept to herself')
    await eventually('closed', () => ada.log.closes.length > 0)
    expect(ada.log.closes[0]).toBe(code)
    expect(ada.log.count('auth-denied')).toBeGreaterThan(0)
    expect(warnings()[0]).toContain('a document id cannot')
    expect(ada.textsWhenSynced).toEqual([])
    ada.drop()
    await server.stop()
    expect(await server.storedIds()).toEqual([])
  })

  it.each(['%FF', '%00', 'a%2F..%2Fb'])('[P20] gets 400 for %j', async (name) => {
    const server = await serverForTest()
    const ada = personForTest(version, server.url, name)
    await eventually('not let in', () => ada.log.failures > 0)
    expect(ada.log.opened).toBe(0)
  })

  it('[P20] never hears of a name with #: the WebSocket class refuses the address', async () => {
    const server = await serverForTest()
    const ada = personForTest(version, server.url, 'notes#1', { connect: false })
    expect(() => ada.rejoin()).toThrow('fragment')
  })
})

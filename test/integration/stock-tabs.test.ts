import { describe, expect, it } from 'vitest'
import { stockVersions, type StockVersion } from '../support/clients.js'
import { eventually } from '../support/eventually.js'
import { seeEachOther, show, watchOwnState } from '../support/stock-presence.js'
import { answered, type StockPerson } from '../support/stock-person.js'
import { afterTest, personForTest, serverForTest, stockTests } from '../support/stock-room.js'
import { TcpProxy } from '../support/tcp-proxy.js'

stockTests()

const DOCUMENT = 'open in several tabs'
const RETURN_MS = 1_000

// Tabs of one browser talk with each other past the server, and pass on to it what they hear of each other.
describe.each(stockVersions)('%s', (version) => {
  it('[R24] reverts nobody when tabs of one browser lose their sockets in turn', async () => {
    const server = await serverForTest()
    const proxy = await TcpProxy.open(server.port)
    afterTest(() => proxy.close())
    const tabs = [0, 1, 2].map(() => tabAt(version, `ws://127.0.0.1:${proxy.port}`))
    const remote = personForTest(version, server.url, DOCUMENT)
    const all = [...tabs, remote]
    all.forEach((person, i) => show(person, { name: `person ${i}` }))
    await seeEachOther(all)
    const records = all.map(watchOwnState)

    for (let blip = 0; blip < 6; blip++) {
      const tab = tabs[blip % 3]
      if (tab === undefined) throw new Error('no tab')
      const { opened } = tab.log
      proxy.loseClients(tab.log.port)
      records.forEach((record, i) => record.set({ name: `person ${i}`, blip }))
      await eventually('connected again', () => tab.log.opened > opened)
      await seeEachOther(all, RETURN_MS)
      records.forEach((record, i) => record.set({ name: `person ${i}`, after: blip }))
      await seeEachOther(all, RETURN_MS)
    }
    await Promise.all(all.map(answered))
    for (const record of records) expect(record.reverts).toEqual([])
  })

  it('[P60] gets what a tab without a socket wrote from the tab that builds upon it', async () => {
    const server = await serverForTest()
    const [ada, bob] = [tabAt(version, server.url), tabAt(version, server.url)]
    const remote = personForTest(version, server.url, DOCUMENT)
    ada.type('one ')
    await remote.sees('one ')
    await bob.sees('one ')
    ada.loseSocket()
    await eventually('offline', () => !ada.provider.wsconnected)
    ada.type('two ')
    await bob.sees('one two ')
    bob.type('three ')
    await remote.sees('one two three ')
    await server.stop()
    expect((await server.storedDoc(DOCUMENT)).getText('t').toString()).toBe('one two three ')
  })
})

function tabAt(version: StockVersion, url: string): StockPerson {
  return personForTest(version, url, DOCUMENT, { disableBc: false })
}

import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { ownClient, stockClient, stockVersions, type TestClient } from '../support/clients.js'
import { count } from '../support/count.js'
import { eventually } from '../support/eventually.js'
import { seededRandom, type SeededRandom } from '../support/random.js'
import { afterTest, serverForTest, stockTests } from '../support/stock-room.js'
import { TcpProxy } from '../support/tcp-proxy.js'

stockTests()

const DOCUMENT = 'everybody'
const STEPS = count('COSCRIBE_MIXED_STEPS', 300)
const SEED = count('COSCRIBE_SEED', 11)
/** Steps after which the server restarts. */
const RESTART_EVERY = 120

it('[P60] three versions and our own client end in the same document, whatever is interrupted', async () => {
  console.log(`mixed room: seed ${SEED}, ${STEPS} steps`)
  const random = seededRandom(SEED)
  const server = await serverForTest()
  const proxy = await TcpProxy.open(server.port)
  afterTest(() => proxy.close())
  const clients = joinAll(`ws://127.0.0.1:${proxy.port}`)

  for (let step = 1; step <= STEPS; step++) {
    const { doc } = random.pick(clients)
    doc.transact(() => edit(doc, random))
    if (random.chance(0.2)) random.pick(clients).drop()
    if (random.chance(0.3)) random.pick(clients).rejoin()
    if (random.chance(0.02)) proxy.cut()
    if (random.chance(0.7)) await pause(random.below(8))
    if (step % RESTART_EVERY === 0) await server.restart()
  }

  const [offline] = clients
  offline?.drop()
  offline?.doc.getText('content').insert(0, 'offline to the end. ')
  const contents = (): string[] => clients.map(({ doc }) => contentOf(doc))
  const same = (): boolean => new Set(contents()).size === 1
  expect(same()).toBe(false)
  clients.forEach((client) => client.rejoin())
  await eventually('everybody has the same document', same)
  const [expected] = contents()
  for (const { doc } of clients) {
    expect([doc.store.pendingStructs, doc.store.pendingDs]).toEqual([null, null])
  }
  clients.forEach((client) => client.drop())
  await server.stop()
  expect(contentOf(await server.storedDoc(DOCUMENT))).toBe(expected)
})

function joinAll(url: string): TestClient[] {
  const clients = [
    ...[...stockVersions, ...stockVersions].map((version) => stockClient(version, url, DOCUMENT)),
    ownClient(url, DOCUMENT),
    ownClient(url, DOCUMENT),
  ]
  afterTest(() => clients.forEach((client) => client.destroy()))
  return clients
}

function edit(doc: Y.Doc, random: SeededRandom): void {
  const text = doc.getText('content')
  const at = random.below(text.length + 1)
  const kind = random.below(10)
  if (kind < 6) text.insert(at, random.pick(['a', 'words and ', '\n', 'é', '日本']))
  else if (kind < 8) text.delete(at, Math.min(text.length - at, 1 + random.below(8)))
  else doc.getMap('map').set(random.pick(['title', 'owner']), random.below(100))
}

/** Text, map, state vector and deletions. */
function contentOf(doc: Y.Doc): string {
  const snapshot = Buffer.from(Y.encodeSnapshot(Y.snapshot(doc))).toString('hex')
  const map = doc.getMap('map')
  const content = [doc.getText('content').toString(), map.get('title'), map.get('owner')]
  return JSON.stringify([...content, snapshot])
}

import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { stockVersions } from '../support/clients.js'
import { eventually } from '../support/eventually.js'
import type { StockPerson } from '../support/stock-person.js'
import { personForTest, serverForTest, stockTests } from '../support/stock-room.js'
import { silentServer } from '../support/wrong-servers.js'

stockTests()

/** Twice the silence after which a stock client gives up, and time for its check every three seconds. */
const WATCHED_MS = 64_000

// The one long test, since clients have no clock that could be turned; everything in it runs at the same time.
it('[P32] keeps clients connected that say nothing and are told nothing, for over a minute', async () => {
  const server = await serverForTest()
  const silent = await silentServer()
  const lone = stockVersions.map((version) => quiet(version, server.url, `alone, ${version}`))
  const viewers = stockVersions.map((version) => quiet(version, server.url, 'a room with others'))
  const others = stockVersions.map((version) =>
    personForTest(version, server.url, 'a room with others'),
  )
  // A state that was never set has clock 0, which these clients do not show.
  for (const [i, { awareness }] of others.entries()) awareness.setLocalState({ name: i })
  const control = stockVersions.map((version) => quiet(version, silent.url, 'nobody answers'))
  const all = [...lone, ...viewers, ...others, ...control]
  await Promise.all(all.map((person) => person.synced()))
  await eventually('viewers see the others', () => viewers.every((one) => presenceCount(one) === 3))
  const events = lone.map(countEvents)
  const losses = viewers.map(watchLosses)

  await pause(WATCHED_MS)

  for (const { log } of [...lone, ...viewers, ...others]) {
    expect([log.opened, log.closes]).toEqual([1, []])
  }
  // What keeps them there goes unnoticed.
  expect(events.map((count) => count())).toEqual([0, 0, 0])
  expect(losses.map((count) => count())).toEqual([0, 0, 0])
  for (const { log } of lone) expect(log.count('presence')).toBeGreaterThanOrEqual(2)
  for (const { log } of control) expect(log.opened).toBeGreaterThan(1)
}, 300_000)

/** Somebody with awareness off, as an app that shows no cursors has it. */
function quiet(version: (typeof stockVersions)[number], url: string, room: string): StockPerson {
  const person = personForTest(version, url, room)
  person.awareness.setLocalState(null)
  return person
}

function presenceCount(person: StockPerson): number {
  return person.awareness.getStates().size
}

/** Counts whatever an app could notice from now on. */
function countEvents({ awareness, doc, provider }: StockPerson): () => number {
  let events = 0
  const count = (): void => {
    events += 1
  }
  awareness.on('update', count)
  awareness.on('change', count)
  doc.on('update', count)
  provider.on('sync', count)
  provider.on('status', count)
  return () => events
}

/** Counts how often somebody vanished from a person's view. */
function watchLosses({ awareness }: StockPerson): () => number {
  let losses = 0
  awareness.on('change', ({ removed }: { removed: number[] }) => {
    losses += removed.length
  })
  return () => losses
}

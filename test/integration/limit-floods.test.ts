import { connect, type Room } from '@coscribe/client'
import type { ServerSetup } from '@coscribe/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { docCondition } from '../support/clients.js'
import { numbersOf, socketsFrom, startProxied } from '../support/elsewhere.js'
import { floods, type Flood, type FloodPlace } from '../support/floods.js'
import { passing, runningClock } from '../support/running-clock.js'
import { tokenFor } from '../support/tokens.js'

const KiB = 1024
const DOCUMENT = 'doc'
const WORDS = 15
const PAUSE_MS = 25
/** Low, so that floods meet them at once and cost the machine of the tests little. */
const limits: ServerSetup = {
  metrics: 'on',
  roomGraceMs: 0,
  inboundRateBytes: 256 * KiB,
  inboundBurstBytes: 512 * KiB,
  updateRate: 100,
  updateBurst: 100,
  userShare: 1,
  maxConnectionsPerUser: 5,
}

async function person(url: string, name: string): Promise<Room> {
  const token = await tokenFor(name, { [DOCUMENT]: 'write' })
  const WebSocket = socketsFrom(`198.51.100.${name.length}`, token) as never
  const room = connect({ url, doc: DOCUMENT, WebSocket })
  onTestFinished(() => room.destroy())
  await room.whenReady()
  return room
}

/** Two people write by turns; each word is seen by the other, and all of it is saved. */
async function talk(people: readonly [Room, Room]): Promise<void> {
  for (let i = 0; i < WORDS; i++) {
    const [from, to] = i % 2 === 0 ? people : [people[1], people[0]]
    const word = `<${i}>`
    from.ydoc.getText('t').insert(0, word)
    await docCondition(to.ydoc, () => to.ydoc.getText('t').toString().includes(word))
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  for (const each of people) await each.whenSaved({ timeout: 60_000 })
}

async function placeIn(port: number): Promise<FloodPlace> {
  const token = await tokenFor('mallory', { [DOCUMENT]: 'write' }, { prefixes: { flood: 'write' } })
  return { port, address: '203.0.113.66', token, document: DOCUMENT }
}

/** What the flood has met, as the server counts it. */
const meets: Readonly<Record<string, string>> = {
  updates: 'updates',
  connections: 'connections-per-user',
  presence: 'presence',
  'step 1s': 'questions',
}

describe.each(floods)('a flood of $name', (flood: Flood) => {
  it('[B40] keeps nobody from writing, and leaves nothing behind', async () => {
    const clock = runningClock()
    const { url, port, server } = await startProxied({ ...limits, clock })
    const people: [Room, Room] = [await person(url, 'ada'), await person(url, 'ben b')]
    await talk(people)
    const stop = flood.start(await placeIn(port))
    onTestFinished(stop)
    await talk(people)
    const during = await numbersOf(url)
    if (flood.name !== 'half handshakes') {
      const limit = meets[flood.name] ?? 'inbound-bytes'
      const hits = `coscribe_limit_hits_total{limit="${limit}"}`
      await expect.poll(async () => (await numbersOf(url)).get(hits)).toBeGreaterThan(0)
    }
    expect(during.get('coscribe_unsent_bytes')).toBeLessThan(4 * 1024 * KiB)
    expect(during.get('coscribe_queued_bytes')).toBeLessThan(4 * 1024 * KiB)
    // A flood of them has thirty open at the same time, which are closed one after the other.
    expect(during.get('coscribe_connections')).toBeLessThan(40)
    stop()
    // The server finds out by what it sends that somebody is gone of whom much is still unread.
    await passing(clock, 'only people are connected', () => server.connections === 2)
    await talk(people)
    const rest = { interval: 100 }
    await expect
      .poll(async () => (await numbersOf(url)).get('coscribe_documents_open'), rest)
      .toBe(1)
    const after = await numbersOf(url)
    expect(after.get('coscribe_throttled_connections')).toBe(0)
    expect(after.get('coscribe_strangers')).toBe(0)
    for (const each of people) expect(each.status.error).toBeNull()
  })
})

it('[B40] without limits the same updates are all taken, one after the other', async () => {
  const { url, port } = await startProxied({
    ...limits,
    updateRate: 1e6,
    updateBurst: 1e7,
    inboundBurstBytes: 2 ** 30,
  })
  const people: [Room, Room] = [await person(url, 'ada'), await person(url, 'ben b')]
  const [updates] = floods
  const stop = updates?.start(await placeIn(port))
  onTestFinished(() => stop?.())
  await docCondition(people[0].ydoc, () => people[0].ydoc.getText('flood').length === 2_000)
  const hits = 'coscribe_limit_hits_total{limit="updates"}'
  expect((await numbersOf(url)).get(hits)).toBe(0)
})

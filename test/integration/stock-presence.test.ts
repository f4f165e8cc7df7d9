import { setTimeout as pause } from 'node:timers/promises'
import { decodeStockMessage } from '@coscribe/shared'
import { createDecoder, readVarString, readVarUint } from 'lib0/decoding'
import { describe, expect, it } from 'vitest'
import { applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness'
import { stockVersions, type StockVersion } from '../support/clients.js'
import { eventually } from '../support/eventually.js'
import type { RestartableServer } from '../support/restartable-server.js'
import { seeEachOther, seenBy, show, watchOwnState } from '../support/stock-presence.js'
import { answered, type StockPerson } from '../support/stock-person.js'
import { afterTest, personForTest, serverForTest, stockTests } from '../support/stock-room.js'
import { TcpProxy } from '../support/tcp-proxy.js'
import { presenceRelay } from '../support/wrong-servers.js'

stockTests()

const DOCUMENT = 'who is here'
const BLIPS = 5
const RETURN_MS = 1_000
/** Longer than the server waits before it asks everybody to greet those who came. */
const GREETING_MS = 700

describe.each(stockVersions)('%s', (version) => {
  it('[R26] shows people to each other, and who leaves is gone at once', async () => {
    const server = await serverForTest()
    const [ada, bob] = [personAt(version, server.url), personAt(version, server.url)]
    show(ada, { user: { name: 'Ada' } })
    show(bob, { user: { name: 'Bob' } })
    await seeEachOther([ada, bob])
    show(bob, { user: { name: 'Bob' }, cursor: { index: 3 } })
    await seeEachOther([ada, bob])

    const late = personAt(version, server.url)
    show(late, { user: { name: 'Cy' } })
    await seeEachOther([ada, bob, late])
    bob.drop()
    await eventually('Bob is gone', () => ada.presenceOf(bob) === undefined)
    await eventually('Bob is gone', () => late.presenceOf(bob) === undefined)
    expect(ada.presenceOf(late)).toEqual({ user: { name: 'Cy' } })
    bob.rejoin()
    await seeEachOther([ada, bob, late])
  })

  it('[R24] sees who returns within a second while the old socket is half open, again and again', async () => {
    const server = await serverForTest()
    const proxy = await proxyTo(server)
    const ada = personAt(version, `ws://127.0.0.1:${proxy.port}`)
    const siblings = [0, 1, 2].map(() => personAt(version, server.url))
    const all = [ada, ...siblings]
    all.forEach((person, i) => show(person, { name: `person ${i}` }))
    await seeEachOther(all)
    const records = all.map(watchOwnState)

    for (let blip = 1; blip <= BLIPS; blip++) {
      proxy.loseClients()
      await eventually('the loss is noticed', () => !ada.provider.wsconnected)
      // An odd blip has news to tell when it returns, an even one only what it said before.
      if (blip % 2 === 1) records[0]?.set({ name: 'person 0', blip })
      await eventually('connected again', () => ada.provider.wsconnected)
      await seeEachOther(all, RETURN_MS)
      expect(proxy.halfOpenCount).toBe(blip)
      records[1]?.set({ name: 'person 1', blip })
      records[0]?.set({ name: 'person 0', cursor: blip })
      await seeEachOther(all, RETURN_MS)
    }

    // When the old sockets end at last, nobody disappears with them.
    proxy.endHalfOpen()
    await Promise.all(all.map(answered))
    await Promise.all(all.map(answered))
    await seeEachOther(all, RETURN_MS)
    for (const record of records) expect(record.reverts).toEqual([])
  })

  it('[R24] sees everybody again within a second of the return of all', async () => {
    const server = await serverForTest()
    const proxy = await proxyTo(server)
    const all = [0, 1, 2].map(() => personAt(version, `ws://127.0.0.1:${proxy.port}`))
    all.forEach((person, i) => show(person, { name: `person ${i}` }))
    await seeEachOther(all)
    const records = all.map(watchOwnState)
    for (let blip = 0; blip < 2; blip++) {
      if (blip === 0) proxy.loseClients()
      else proxy.cut()
      await eventually('the loss is noticed', () => all.every((one) => !one.provider.wsconnected))
      await eventually('connected again', () => all.every((one) => one.provider.wsconnected))
      await seeEachOther(all, RETURN_MS)
    }
    // A server that stops would wait for a goodbye of the sockets that are half open.
    proxy.endHalfOpen()
    await server.restart()
    await eventually('connected again', () => all.every((one) => one.log.opened === 4))
    await seeEachOther(all, RETURN_MS)
    for (const record of records) expect(record.reverts).toEqual([])
  })

  it('[R22] shows steady people to a viewer who has no presence of their own', async () => {
    const server = await serverForTest()
    const viewer = personAt(version, server.url)
    viewer.awareness.setLocalState(null)
    await viewer.synced()
    let vanished = 0
    viewer.awareness.on('change', ({ removed }: { removed: number[] }) => {
      vanished += removed.length
    })
    const people = [0, 1, 2].map(() => personAt(version, server.url))
    people.forEach((person, i) => show(person, { name: `person ${i}` }))
    await seenBy(viewer, people)
    for (let move = 1; move <= 4; move++) {
      for (const [i, person] of people.entries()) {
        show(person, { name: `person ${i}`, move })
        await seenBy(viewer, people)
      }
      // Once a move: who asks more often than five times in ten seconds has to wait.
      await answered(viewer)
    }
    expect(vanished).toBe(0)
    // The control: the viewer did say of everybody what it was told.
    for (const person of people) expect(relays(viewer, person)).toBeGreaterThan(0)
  })

  it('[R24] would notice an owner that is told an old state of its own', async () => {
    const server = await serverForTest()
    const ada = personAt(version, server.url)
    show(ada, { cursor: 1 })
    const old = encodeAwarenessUpdate(ada.awareness, [ada.doc.clientID])
    const record = watchOwnState(ada)
    record.set({ cursor: 2 })
    expect(record.reverts).toEqual([])
    // The clock is the byte behind the client id; a server that made clocks of its own would raise it.
    const clockAt = old.findIndex((byte, i) => i > 0 && byte < 128) + 1
    old[clockAt] = 9
    applyAwarenessUpdate(ada.awareness, old, 'a server')
    expect(record.reverts).toEqual([{ cursor: 1 }, { cursor: 1 }])
  })

  it('[R24] would notice a server that only relays: the one who returns is blind', async () => {
    const relay = await presenceRelay()
    const proxy = await proxyTo({ port: Number(new URL(relay.url).port) })
    const ada = personAt(version, `ws://127.0.0.1:${proxy.port}`)
    const bob = personAt(version, relay.url)
    show(ada, { name: 'Ada' })
    show(bob, { name: 'Bob' })
    await seeEachOther([ada, bob])
    proxy.loseClients()
    await eventually('the loss is noticed', () => !ada.provider.wsconnected)
    await eventually('connected again', () => ada.provider.wsconnected)
    await expect(seeEachOther([ada, bob], RETURN_MS)).rejects.toThrow('Bob')
  })

  it('[R22] would notice a server that only relays: relays are relayed', async () => {
    const relay = await presenceRelay()
    const all = Array.from({ length: 5 }, () => personAt(version, relay.url))
    all.forEach((person, i) => show(person, { name: `person ${i}` }))
    await seeEachOther(all)
    const [mover] = all
    if (mover === undefined) throw new Error('nobody')
    const sum = (): number => all.reduce((frames, person) => frames + presenceFrames(person), 0)
    const before = sum()
    show(mover, { name: 'person 0', cursor: 7 })
    await eventually('more than one for each other', () => sum() - before > 4)
  })

  it('[R22] sends a moved cursor to each of twenty once, and their relays to nobody', async () => {
    const server = await serverForTest()
    const all = Array.from({ length: 20 }, () => personAt(version, server.url))
    all.forEach((person, i) => show(person, { name: `person ${i}` }))
    await seeEachOther(all)
    await settled(all)
    const [mover, ...others] = all
    if (mover === undefined) throw new Error('nobody')
    // About the others there may be more: these clients repeat what they say every fifteen seconds.
    const counts = all.map((person) => presenceAbout(person, mover))
    show(mover, { name: 'person 0', cursor: 7 })
    await seeEachOther(all)
    await settled(all)

    const received = all.map((person, i) => presenceAbout(person, mover) - (counts[i] ?? 0))
    expect(received).toEqual([0, ...others.map(() => 1)])
    // The control of the count: all the others did relay what they were sent.
    for (const other of others) expect(relays(other, mover)).toBeGreaterThan(0)
  })
})

it('[R24] versions see each other', async () => {
  const server = await serverForTest()
  const all = stockVersions.map((version) => personAt(version, server.url))
  all.forEach((person, i) => show(person, { name: `person ${i}` }))
  await seeEachOther(all)
})

function personAt(version: StockVersion, url: string): StockPerson {
  return personForTest(version, url, DOCUMENT)
}

async function proxyTo(target: Pick<RestartableServer, 'port'>): Promise<TcpProxy> {
  const proxy = await TcpProxy.open(target.port)
  afterTest(() => proxy.close())
  return proxy
}

/** Waits until nobody has anything more to say, also when those who just came were greeted by all. */
async function settled(all: readonly StockPerson[]): Promise<void> {
  const heard = (): number => all.reduce((sum, person) => sum + presenceFrames(person), 0)
  for (let before = -1; before !== heard();) {
    before = heard()
    await pause(GREETING_MS)
    await Promise.all(all.map(answered))
  }
}

/** Presence messages about anybody. */
function presenceFrames({ log }: StockPerson): number {
  return log.messages().filter((one) => one.type === 'presence' && one.update.length > 1).length
}

/** Presence messages that this person received about the other one. */
function presenceAbout({ log }: StockPerson, about: StockPerson): number {
  return log.messages().filter((one) => one.type === 'presence' && isAbout(one.update, about))
    .length
}

/** Presence messages of this person about the other one. */
function relays({ log }: StockPerson, about: StockPerson): number {
  return log.sent.filter((bytes) => {
    const message = decodeStockMessage(bytes)
    return message.type === 'presence' && isAbout(message.update, about)
  }).length
}

/** Whether an awareness update has an entry of this person. */
function isAbout(update: Uint8Array, { doc }: StockPerson): boolean {
  const decoder = createDecoder(update)
  for (let entries = readVarUint(decoder); entries > 0; entries--) {
    const clientId = readVarUint(decoder)
    readVarUint(decoder)
    readVarString(decoder)
    if (clientId === doc.clientID) return true
  }
  return false
}

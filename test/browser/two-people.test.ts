import { MemoryStore } from '@coscribe/storage'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type * as Y from 'yjs'
import { BrowserPeople } from '../support/browser-people.js'
import { count } from '../support/count.js'
import { storedDoc } from '../support/people.js'
import { SeededRandom } from '../support/random.js'
import { stateHash } from '../support/replica-state.js'
import { scratch } from '../support/scratch.js'
import { Network } from '../support/network.js'
import { startTestServer } from '../support/test-server.js'
import { Writer } from '../support/writer.js'

const KILLS = count('COSCRIBE_PAGE_KILLS', 2)
const SEED = count('COSCRIBE_SEED', 1)
const DOCUMENT = 'one line'
const PATH = '/d/one%20line'
/** What each does before a kill, during it, and after the server is back. */
const MOVES = 5
const SETTLING_MS = 60_000

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start()
})
afterEach(() => people.leave())
afterAll(() => people.stop())

/** Tokens that a page called saved and that are not on the disk exactly once. */
async function broken(writers: readonly Writer[], disk: string): Promise<string[]> {
  const claims = await Promise.all(writers.map(({ log }) => log.claims()))
  return claims.flatMap(({ tokens }) => tokens.filter((token) => disk.split(token).length !== 2))
}

/** Randomness for one of several that go on at once. */
function ownOf(random: SeededRandom): SeededRandom {
  return new SeededRandom(random.below(2 ** 31))
}

/** Resolves when both are connected again, everything of both is saved, and both read the same. */
async function settled(writers: readonly Writer[]): Promise<void> {
  for (const { person } of writers) {
    await person.page.evaluate(() => document.querySelector('coscribe-editor')?.room?.connect())
    await person.page
      .locator('coscribe-status[data-save=saved][data-connection=connected]')
      .waitFor()
  }
  const texts = (): Promise<string[]> => Promise.all(writers.map(({ person }) => person.shown()))
  await expect
    .poll(async () => new Set(await texts()).size, { timeout: SETTLING_MS, interval: 20 })
    .toBe(1)
}

/**
 * The network goes; the server does not hear of it. A browser that is told to be offline will not do: what is open stays
 * open in it, and what was being opened opens.
 */
async function goOffline({ person }: Writer, network: Network): Promise<void> {
  network.goDown()
  await person.page
    .locator('coscribe-status[data-connection=reconnecting]')
    .waitFor({ timeout: SETTLING_MS })
}

function tokensOf(writers: readonly Writer[]): string[] {
  return writers.flatMap(({ typist }) => typist.tokens)
}

/** Editors, documents and disk hold the same, and every token once. */
async function expectEqual(writers: readonly Writer[], disk: Y.Doc): Promise<void> {
  const text = disk.getText('content').toString()
  for (const { person, log } of writers) {
    expect([await person.shown(), await person.content()]).toEqual([text, text])
    expect(stateHash(await log.replica())).toBe(stateHash(disk))
    const errors = person.errors.filter((error) => !error.startsWith('WebSocket connection to'))
    expect(errors).toEqual([])
  }
  expect(tokensOf(writers).filter((token) => text.split(token).length !== 2)).toEqual([])
  expect(text).not.toMatch(/\r|\ufffd/)
}

async function report(writers: readonly Writer[], inFlight: number): Promise<void> {
  const claims = await Promise.all(writers.map(({ log }) => log.claims()))
  const saved = claims.reduce((sum, { count: times }) => sum + times, 0)
  expect(saved).toBeGreaterThan(0)
  console.log(
    `seed ${SEED}: ${KILLS} kills, ${tokensOf(writers).length} tokens, ` +
      `${inFlight} of them unsaved at a kill, ${saved} times saved, 0 lost`,
  )
}

describe('two people in two browsers', () => {
  it(`[E60, E61] write in one line through ${KILLS} kills of the server`, async () => {
    const random = new SeededRandom(SEED)
    const folder = await scratch()
    onTestFinished(() => folder.remove())
    const network = await Network.open(folder.path)
    const ada = await Writer.at(people, network.url + PATH, 'a', ownOf(random))
    const ben = await Writer.at(people, network.weakUrl + PATH, 'b', ownOf(random))
    const writers = [ada, ben]
    const both = (moves: number) => Promise.all(writers.map(({ typist }) => typist.act(moves)))
    let inFlight = 0
    for (let kill = 0; kill < KILLS; kill++) {
      const isAway = kill % 2 === 1
      if (isAway) await goOffline(ben, network)
      await both(MOVES)
      const moreMoves = both(MOVES)
      await ada.typist.began(1 + random.below(3))
      await network.killServer()
      const onDisk = (await storedDoc(folder.path, DOCUMENT)).getText('content').toString()
      expect(await broken(writers, onDisk)).toEqual([])
      inFlight += tokensOf(writers).filter((token) => !onDisk.includes(token)).length
      await network.restartServer()
      await moreMoves
      if (isAway) network.comeUp()
      else network.loseClients()
      await both(MOVES)
      await settled(writers)
    }
    await network.killServer()
    await expectEqual(writers, await storedDoc(folder.path, DOCUMENT))
    expect(inFlight).toBeGreaterThan(0)
    await report(writers, inFlight)
  }, 300_000)

  it('[E60] control: a server that confirms what it only remembers is seen to lose it', async () => {
    const { url } = await startTestServer({ store: new MemoryStore() })
    const ada = await Writer.at(people, url + PATH, 'a', new SeededRandom(SEED))
    await ada.typist.act(MOVES)
    await ada.person.saved()
    expect(await broken([ada], '')).not.toEqual([])
  })
})

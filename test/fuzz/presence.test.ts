import { defaultLimits } from '@coscribe/shared'
import { expect, it } from 'vitest'
import { decodePresence } from '../../server/src/rooms/presence-codec.js'
import { checkState } from '../../server/src/rooms/presence-state.js'
import { errorLog } from '../support/error-log.js'
import { FakePeer } from '../support/fake-peer.js'
import { CAMPAIGN_TIMEOUT_MS, runCampaign, type FuzzTarget } from '../support/fuzz/campaign.js'
import { bytesOf, injure, injureRaw } from '../support/fuzz/fields.js'
import { forgedPresence } from '../support/fuzz/forged-messages.js'
import { seededRandom } from '../support/random.js'
import { RoomWorld } from '../support/room-world.js'

/** Few, so that sessions claim what others own. */
const clients = [1, 2, 3, 2 ** 32 - 1]
const pauses = [0, 0, 100, 2_500, 61_000]
/** Two of one person and two strangers. */
const people = ['eve', 'eve', 'mallory', 'trudy']

/** Who is shown to `peer` at last: clients that are there, by what they were told to be. */
function shownTo(peer: FakePeer): Map<number, string> {
  const shown = new Map<number, string>()
  for (const update of peer.presence) {
    const entries = decodePresence(update)
    if (typeof entries === 'string') throw new Error(entries)
    for (const { clientId, state } of entries) {
      if (state === null) shown.delete(clientId)
      else {
        expect(checkState(state, { id: '', name: '' }, defaultLimits)).toBe(state)
        shown.set(clientId, Buffer.from(state).toString())
      }
    }
  }
  return shown
}

/** Each part begins with who says it and how much time passes before. */
const presence: FuzzTarget = {
  name: 'presence',

  generate(random) {
    const trees = Array.from({ length: 1 + random.below(12) }, () =>
      forgedPresence(random, clients),
    )
    const hostility = random.pick([0, 0.2, 0.6])
    return trees.map((tree) => {
      if (random.chance(hostility)) injure(random, tree, trees)
      const bytes = bytesOf(tree)
      const update = random.chance(hostility / 4) ? injureRaw(random, bytes) : bytes
      const head = [random.below(people.length), random.below(pauses.length)]
      return Uint8Array.from([...head, ...update])
    })
  },

  async run(input, meter) {
    const { logger, errors } = errorLog()
    const world = await RoomWorld.open({ logger })
    const room = await world.room()
    const watcher = new FakePeer()
    const peers = people.map((principal) => new FakePeer({ principal }))
    for (const peer of peers) {
      peer.onProbe = (alive) => alive()
      room.add(peer)
    }
    room.add(watcher)
    let outcome = 'nothing'
    for (const part of input) {
      const peer = peers[part[0] ?? 0]
      await world.clock.advance(pauses[part[1] ?? 0] ?? 0)
      const update = part.slice(2)
      if (peer === undefined) continue
      const fault = await meter.measured(update.length, () => room.presence.receive(peer, update))
      outcome = fault === null ? 'taken' : fault.message
    }
    await world.clock.advance(10_000)
    const shown = shownTo(watcher)
    // A session speaks for one client.
    expect(shown.size).toBeLessThanOrEqual(peers.length)
    for (const peer of peers) shownTo(peer)
    for (const peer of peers) room.remove(peer)
    await world.clock.advance(1_000)
    expect(shownTo(watcher).size).toBe(0)
    expect(errors).toEqual([])
    await world.rooms.close(1_000)
    return `${outcome.replaceAll(/\d+/g, 'N')}, ${shown.size} shown`
  },
}

it(
  '[U26] whatever presence says, no session is shown as more than one client, nothing unreadable is shown, and who is gone is gone',
  async () => {
    const report = await runCampaign(presence)
    expect(report.outcomes).toBeGreaterThan(8)
  },
  CAMPAIGN_TIMEOUT_MS,
)

// Copies of what was copied came to 4.6 GB once.
it('[U26] control: however it is injured, an input stays one that can be sent', () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = seededRandom(seed)
    const tree = forgedPresence(random, clients)
    for (let left = 6; left > 0; left--) injure(random, tree, [tree])
    expect(bytesOf(tree).length).toBeLessThan(64 * 1024 * 1024)
  }
})

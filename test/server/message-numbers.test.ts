import { describe, expect, it } from 'vitest'
import { bytesOf, number, sequence, sized, text } from '../support/fuzz/fields.js'
import { forgedOpening } from '../support/fuzz/forged-messages.js'
import { HostileLine } from '../support/fuzz/hostile-line.js'
import { EXPIRES_MS, HostileWorld, type HostileRole } from '../support/fuzz/hostile-world.js'
import { single, text as content } from '../support/forge.js'
import { dialects, type DialectName } from '../support/raw-client.js'

/** Whoever may not write. */
const roles: readonly HostileRole[] = ['read', 'comment', 'none', 'expiring']
const CLIENT = 77
const update = single(CLIENT, content('intruder'))

/** A message of each type there could be, of each step of it, around an update in every form that a message has. */
function* frames(dialect: DialectName): Generator<Uint8Array> {
  const channel = dialect === 'coscribe.v1' ? [1] : []
  for (let type = 0; type < 128; type++) {
    const steps = type === 0 ? 16 : 2
    for (let step = 0; step < steps; step++) {
      yield bytesOf(sequence(...[...channel, type, step].map(number), sized(plainUpdate)))
    }
    yield bytesOf(sequence(...[...channel, type].map(number), sized(plainUpdate)))
    yield bytesOf(sequence(...[...channel, type].map(number), text('write')))
  }
}

const plainUpdate = { type: 'bytes' as const, bytes: update }

/** Connected, in the document if that is possible, and in the moment in which their time ends if it does. */
async function arrive(world: HostileWorld, dialect: DialectName, role: HostileRole) {
  const line = new HostileLine()
  world.connect(line, dialect, role)
  await world.settle()
  if (dialect === 'coscribe.v1') line.bring(bytesOf(forgedOpening()))
  await world.settle()
  if (role === 'expiring') await world.advance(EXPIRES_MS)
  return line
}

/** Sends everything to a world, on new connections as old ones end, and says how many messages were brought. */
async function sendAll(world: HostileWorld, dialect: DialectName, role: HostileRole) {
  let line = await arrive(world, dialect, role)
  let sent = 0
  for (const frame of frames(dialect)) {
    if (line.closeCode !== null || role === 'expiring') {
      line.end()
      line = await arrive(world, dialect, role)
    }
    line.bring(frame)
    await world.settle()
    sent++
  }
  line.end()
  await world.advance(3_000)
  return sent
}

describe.each(dialects)('in %s', (dialect) => {
  it.each(roles)(
    '[A82] by no type and no step of a message does "%s" change anything',
    async (role) => {
      const world = await HostileWorld.open(true)
      expect(await sendAll(world, dialect, role)).toBeGreaterThan(500)
      expect(world.errors).toEqual([])
      expect(world.room.headSeq).toBe(0)
      expect(await world.stored()).toEqual([])
      expect(world.relayed()).toEqual([])
      await world.close()
    },
  )

  it('[A82] control: of a writer, the same messages are stored once and relayed', async () => {
    const world = await HostileWorld.open(true)
    await sendAll(world, dialect, 'write')
    expect(await world.stored()).toEqual([update])
    expect(world.relayed()).toEqual([{ type: 'update', update }])
    await world.close()
  })
})

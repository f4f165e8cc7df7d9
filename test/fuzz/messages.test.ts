import type { ServerMessage } from '@coscribe/shared'
import { expect, it } from 'vitest'
import {
  bounds,
  CAMPAIGN_TIMEOUT_MS,
  runCampaign,
  type FuzzTarget,
} from '../support/fuzz/campaign.js'
import { bytesOf, injure, injureRaw, type ListField } from '../support/fuzz/fields.js'
import { forgedFrame, forgedOpening, forgedStock } from '../support/fuzz/forged-messages.js'
import { UpdateForge } from '../support/fuzz/forged-updates.js'
import { HostileLine, NEIGHBOUR } from '../support/fuzz/hostile-line.js'
import { HostileWorld, messagesTo, type HostileRole } from '../support/fuzz/hostile-world.js'
import { dialects, type DialectName } from '../support/raw-client.js'
import type { SeededRandom } from '../support/random.js'

function messages(random: SeededRandom, dialect: DialectName): ListField[] {
  const forge = new UpdateForge(random)
  const make = dialect === 'coscribe.v1' ? forgedFrame : forgedStock
  const all = Array.from({ length: 1 + random.below(6) }, () => make(random, forge))
  if (dialect === 'coscribe.v1' && random.chance(0.9)) all.unshift(forgedOpening())
  return all
}

/** By number in what is kept: append only. */
const roles: readonly HostileRole[] = [null, 'write', 'read', 'comment', 'none']

/** Closings of a message that breaks the protocol: nothing of it may have happened. */
const broken = new Set([4400, 4413])

/** The first part of an input says who sends the others. */
const router: FuzzTarget = {
  name: 'messages',
  // What is kept of thousands of clients that wait for something is more than what was said.
  bounds: { ...bounds, cpuMsPerByte: 0.002, memoryPerByte: 200 },

  generate(random) {
    const dialect = random.below(dialects.length)
    const trees = messages(random, dialects[dialect] ?? 'coscribe.v1')
    const hostility = random.pick([0.1, 0.2, 0.5])
    const parts = trees.map((tree) => {
      if (random.chance(hostility)) injure(random, tree, trees)
      const bytes = bytesOf(tree)
      return random.chance(hostility / 4) ? injureRaw(random, bytes) : bytes
    })
    return [Uint8Array.of(dialect, random.below(roles.length)), ...parts]
  },

  async run([who, ...parts], meter) {
    const dialect = dialects[who?.[0] ?? 0] ?? 'coscribe.v1'
    const role = roles[who?.[1] ?? 0] ?? null
    const world = await HostileWorld.open(role !== null)
    const line = new HostileLine()
    world.connect(line, dialect, role)
    await world.settle()
    for (const part of parts) {
      if (line.closeCode !== null) break
      const { headSeq } = world.room
      const act = async (): Promise<void> => {
        line.bring(part)
        await world.settle()
      }
      await meter.measured(part.length, act, () => line.writtenBytes)
      if (broken.has(line.closeCode ?? 0)) expect(world.room.headSeq).toBe(headSeq)
    }
    // Whoever claims to be somebody else's client is looked into for two seconds, and who brings no credential and too
    // many bytes is left unread for ten.
    await world.advance(11_000)
    expect(line.paused && line.closeCode === null).toBe(false)
    await expectSound(world)
    const said = messagesTo(line, dialect)
    if (!mayWrite(dialect, role, parts)) await expectUntouched(world)
    line.end()
    await world.close()
    expect(world.errors).toEqual([])
    return outcomeOf(dialect, world, said)
  },
}

/** Whether somebody is, or in `coscribe.v1` may have said with a credential that they are, one who writes. */
function mayWrite(dialect: DialectName, role: HostileRole, parts: readonly Uint8Array[]): boolean {
  if (role === null || role === 'write') return true
  return dialect === 'coscribe.v1' && parts.some((part) => Buffer.from(part).includes('write'))
}

/** Why it ended or what was refused last, and whether anything was taken. */
function outcomeOf(
  dialect: DialectName,
  { reasons, room }: HostileWorld,
  said: readonly ServerMessage[],
): string {
  const refused = said.flatMap((message) => {
    if (message.type === 'rejected') return [message.code]
    return message.type === 'auth-denied' || message.type === 'closed' ? [message.reason] : []
  })
  const taken = room.headSeq > 0 ? 'taken' : 'nothing'
  const reason = reasons[0] ?? refused.at(-1) ?? 'open'
  return `${dialect}, ${taken}: ${reason}`.replaceAll(/(?<!coscribe\.v)\d+/g, 'N')
}

async function expectSound(world: HostileWorld): Promise<void> {
  expect(world.errors).toEqual([])
  world.relayed()
  for (const bytes of await world.stored())
    expect(Buffer.from(bytes).includes(NEIGHBOUR)).toBe(false)
}

async function expectUntouched(world: HostileWorld): Promise<void> {
  expect(world.room.headSeq).toBe(0)
  expect(await world.stored()).toEqual([])
  expect(world.relayed().filter(({ type }) => type !== 'presence')).toEqual([])
}

it(
  '[A80] whatever messages say, in either dialect and by anybody, the server keeps its word to all',
  async () => {
    const report = await runCampaign(router)
    expect(report.outcomes).toBeGreaterThan(10)
  },
  CAMPAIGN_TIMEOUT_MS,
)

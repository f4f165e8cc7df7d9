import { connect, type Room } from '@coscribe/client'
import { WireWriter } from '@coscribe/shared'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import { eventually } from '../support/eventually.js'
import { bytesOf, sized } from '../support/forge.js'
import { dialects, RawClient, type DialectName } from '../support/raw-client.js'
import { StockPerson } from '../support/stock-person.js'
import { startTestServer } from '../support/test-server.js'

const ID = 'watched'
const HUGE = Number.MAX_SAFE_INTEGER
const ATTACKER = 0xbad

interface Attack {
  readonly name: string
  /** `closed`: no awareness update at all. `ignored`: the connection stays, nobody is shown anything. */
  readonly outcome: 'closed' | 'ignored'
  readonly update: (victim: number) => Uint8Array
}

type Entry = readonly [client: number, clock: number, json: string]

function awareness(...entries: readonly Entry[]): Uint8Array {
  const writer = new WireWriter().varUint(entries.length)
  for (const [client, clock, json] of entries) {
    writer.varUint(client).varUint(clock).varBytes(new TextEncoder().encode(json))
  }
  return writer.finish()
}

function own(json: string): () => Uint8Array {
  return () => awareness([ATTACKER, 1, json])
}

function strangers(count: number): () => Uint8Array {
  return () => awareness(...Array.from({ length: count }, (_, i) => [i + 1, 1, '{}'] as const))
}

const evil = '{"user":{"name":"evil"}}'

const attacks: readonly Attack[] = [
  { name: '100,000 states', outcome: 'closed', update: strangers(100_000) },
  { name: '5,000 states', outcome: 'ignored', update: strangers(5_000) },
  { name: 'a count of 2^53-1', outcome: 'closed', update: () => bytesOf(HUGE) },
  { name: 'nothing', outcome: 'closed', update: () => new Uint8Array(0) },
  {
    name: 'a state longer than the message',
    outcome: 'closed',
    update: () => bytesOf(1, ATTACKER, 1, sized(new Uint8Array(2), 500)),
  },
  {
    name: 'a clock of 2^53-1',
    outcome: 'closed',
    update: (victim) => awareness([victim, HUGE, evil]),
  },
  { name: 'bytes behind the end', outcome: 'closed', update: () => bytesOf(0, 0) },
  { name: 'a number', outcome: 'ignored', update: own('42') },
  { name: 'a string', outcome: 'ignored', update: own('"me"') },
  { name: 'a list', outcome: 'ignored', update: own('[1]') },
  { name: 'no JSON', outcome: 'ignored', update: own('{') },
  {
    name: 'no UTF-8',
    outcome: 'ignored',
    update: () => bytesOf(1, ATTACKER, 1, sized(Uint8Array.of(0x22, 0xff, 0x22))),
  },
  { name: 'a state of 1 MB', outcome: 'ignored', update: own(`{"a":"${'x'.repeat(1e6)}"}`) },
  { name: 'depth 5', outcome: 'ignored', update: own('{"a":{"b":{"c":{"d":{}}}}}') },
  {
    name: 'depth 1,000 within the size',
    outcome: 'ignored',
    update: own(`{"a":${'['.repeat(1_000)}${']'.repeat(1_000)}}`),
  },
  {
    name: 'depth 100,000',
    outcome: 'ignored',
    update: own(`{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`),
  },
  { name: '__proto__', outcome: 'ignored', update: own('{"__proto__":{"isAdmin":true}}') },
  {
    name: 'an inner constructor',
    outcome: 'ignored',
    update: own('{"user":{"constructor":{"prototype":{}}}}'),
  },
  {
    name: "somebody else's state",
    outcome: 'ignored',
    update: (victim) => awareness([victim, 1_000, evil]),
  },
  {
    name: "somebody else's end",
    outcome: 'ignored',
    update: (victim) => awareness([victim, 1_000, 'null']),
  },
  {
    name: "somebody else's end at the highest clock",
    outcome: 'ignored',
    update: (victim) => awareness([victim, 2 ** 31 - 1, 'null']),
  },
  {
    name: "somebody else's state beside the own",
    outcome: 'ignored',
    update: (victim) => awareness([victim, 2_000, evil], [ATTACKER, 1, '42']),
  },
]

async function attack(
  url: string,
  dialect: DialectName,
  { name, outcome, update }: Attack,
  victim: number,
): Promise<string[]> {
  const attacker = await RawClient.joined(url, ID, dialect)
  attacker.say({ type: 'presence', update: update(victim) })
  if (outcome === 'closed') await attacker.ended()
  else await attacker.sync()
  const code = attacker.ending?.code ?? null
  attacker.close()
  return code === (outcome === 'closed' ? 4400 : null) ? [] : [`${name}: ended with ${code}`]
}

/** Somebody with our client, who can prove who they are, and somebody with a stock one, who cannot. */
async function pair(url: string): Promise<[ann: Room, ben: StockPerson]> {
  const ann = connect({ url, doc: ID, WebSocket, user: { name: 'ann' } })
  const ben = new StockPerson('y-websocket 3.1.0', url, ID)
  onTestFinished(() => {
    ann.destroy()
    ben.leave()
  })
  ben.awareness.setLocalState({ name: 'ben' })
  await eventually('both see each other', () => {
    return shows(ann.presence.awareness, ben.doc, 'ben') && shows(ben.awareness, ann.ydoc, 'ann')
  })
  return [ann, ben]
}

function shows(by: Awareness, { clientID }: Y.Doc, name: string): boolean {
  return JSON.stringify(by.getStates().get(clientID)) === JSON.stringify({ name })
}

/** Everything that is ever shown, as `client id: state`. */
function shownBy(...all: Awareness[]): Set<string> {
  const shown = new Set<string>()
  for (const one of all) {
    one.on('change', () => {
      for (const [id, state] of one.getStates()) shown.add(`${id}: ${JSON.stringify(state)}`)
    })
  }
  return shown
}

describe('presence that is none', () => {
  it.each(dialects)(
    '[R66] shows nobody anything wrong, and newcomers still see everybody, from %s',
    async (dialect) => {
      const server = await startTestServer()
      const url = (server.url ?? '').replace('http', 'ws')
      const [ann, ben] = await pair(url)
      const shown = shownBy(ann.presence.awareness, ben.awareness)
      const wrong: string[] = []
      for (const one of attacks) wrong.push(...(await attack(url, dialect, one, ann.ydoc.clientID)))
      expect(wrong).toEqual([])
      // Whatever was said in their name, both can still move.
      ann.presence.set({ name: 'ann moved' })
      ben.awareness.setLocalState({ name: 'ben moved' })
      const newcomer = new StockPerson('y-websocket 3.1.0', url, ID)
      onTestFinished(() => newcomer.leave())
      for (const viewer of [ben.awareness, newcomer.awareness]) {
        await eventually('ann is seen', () => shows(viewer, ann.ydoc, 'ann moved'))
      }
      for (const viewer of [ann.presence.awareness, newcomer.awareness]) {
        await eventually('ben is seen', () => shows(viewer, ben.doc, 'ben moved'))
      }
      const present = [ann.ydoc, ben.doc, newcomer.doc].map((doc) => doc.clientID)
      expect(new Set(newcomer.awareness.getStates().keys())).toEqual(new Set(present))
      expect(
        [...shown].filter((line) => !/"name":"(ann|ben)/.test(line) && !line.endsWith('{}')),
      ).toEqual([])
    },
  )

  it('[R66] what is said in the name of a stock client is healed by that client', async () => {
    const server = await startTestServer()
    const url = (server.url ?? '').replace('http', 'ws')
    const [ann, ben] = await pair(url)
    const ownStates = shownBy(ben.awareness)
    const attacker = await RawClient.joined(url, ID, 'y-websocket')
    attacker.say({ type: 'presence', update: awareness([ben.doc.clientID, 1_000, evil]) })
    await attacker.sync()
    await eventually('healed', () => shows(ann.presence.awareness, ben.doc, 'ben'))
    ben.awareness.setLocalState({ name: 'ben moved' })
    await eventually('ben moves on', () => shows(ann.presence.awareness, ben.doc, 'ben moved'))
    expect([...ownStates].filter((line) => line.includes('evil'))).toEqual([])
    attacker.close()
  })

  it('[R66] control: a good state of a stranger is seen', async () => {
    const server = await startTestServer()
    const url = (server.url ?? '').replace('http', 'ws')
    const [, ben] = await pair(url)
    const stranger = await RawClient.joined(url, ID, 'y-websocket')
    stranger.say({ type: 'presence', update: awareness([ATTACKER, 1, evil]) })
    await eventually('seen', () => ben.awareness.getStates().has(ATTACKER))
    stranger.close()
    await eventually('gone with its socket', () => !ben.awareness.getStates().has(ATTACKER))
  })
})

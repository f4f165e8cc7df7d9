import { request } from 'node:http'
import {
  decodeClientFrame,
  decodeStockMessage,
  encodeClientFrame,
  encodeStockMessage,
  PROTOCOL_VERSION,
  WireWriter,
  type ClientMessage,
  type SyncMessage,
} from '@coscribe/shared'
import { describe, expect, it } from 'vitest'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { eventually } from '../support/eventually.js'
import { startGuardedServer, type GuardedServer } from '../support/guarded-server.js'
import { httpRoutes } from '../support/http-routes.js'
import { dialects, RawClient, type Arrival, type DialectName } from '../support/raw-client.js'
import { stockProvider, stockVersions } from '../support/clients.js'
import { seconds, token, tokenFor, type TokenParts } from '../support/tokens.js'
import { textOf, typed } from '../support/typed-text.js'

/** An update that changes any document. */
function fresh(): Uint8Array {
  const doc = new Y.Doc()
  doc.getText('t').insert(0, 'intruder')
  return Y.encodeStateAsUpdate(doc)
}

/** A presence that everybody would see. */
function seen(): Uint8Array {
  const awareness = new Awareness(new Y.Doc())
  awareness.setLocalState({ name: 'intruder' })
  const update = encodeAwarenessUpdate(awareness, [awareness.clientID])
  awareness.destroy()
  return update
}

/** A message of every type that a client can send. A new type does not compile until it stands here. */
const stockMessages: {
  readonly [Type in SyncMessage['type']]: () => Extract<SyncMessage, { type: Type }>
} = {
  'sync-step-1': () => ({ type: 'sync-step-1', stateVector: Uint8Array.of(0) }),
  'sync-step-2': () => ({ type: 'sync-step-2', update: fresh() }),
  update: () => ({ type: 'update', update: fresh() }),
  presence: () => ({ type: 'presence', update: seen() }),
  'query-presence': () => ({ type: 'query-presence' }),
}

const messages: { readonly [Type in ClientMessage['type']]: () => ClientMessage } = {
  ...stockMessages,
  open: () => ({
    type: 'open',
    version: PROTOCOL_VERSION,
    documentId: 'doc',
    secret: '',
    historyId: '',
    resume: null,
  }),
  auth: () => ({ type: 'auth', credential: 'nonsense' }),
  leave: () => ({ type: 'leave' }),
  rename: () => ({ type: 'rename', title: 'a title' }),
  ping: () => ({ type: 'ping' }),
  pong: () => ({ type: 'pong' }),
}

const edits: ReadonlySet<string> = new Set(['sync-step-2', 'update'])

function framesOf(dialect: DialectName): [string, () => Uint8Array][] {
  if (dialect === 'y-websocket') {
    return Object.entries(stockMessages).map(([type, make]) => [
      type,
      () => encodeStockMessage(make()),
    ])
  }
  return Object.entries(messages).map(([type, make]) => {
    const channel = type === 'ping' || type === 'pong' ? 0 : 1
    return [type, () => encodeClientFrame(channel, make())]
  })
}

interface Actor {
  readonly name: string
  /** Connects `count` clients; whoever may not come in is connected as far as they come. */
  readonly arrive: (
    guarded: GuardedServer,
    dialect: DialectName,
    count: number,
  ) => Promise<RawClient[]>
  readonly mayBeSeen: boolean
}

async function joined(
  { url }: GuardedServer,
  dialect: DialectName,
  count: number,
  claims: TokenParts,
): Promise<RawClient[]> {
  const arrival = { token: await token({ sub: 'eve', ...claims }) }
  const clients = Array.from({ length: count }, () =>
    RawClient.joined(url, 'doc', dialect, arrival),
  )
  return Promise.all(clients)
}

const joinedWith =
  (documents: object): Actor['arrive'] =>
  (guarded, dialect, count) =>
    joined(guarded, dialect, count, { documents })

/** Connected, and no further. */
async function outside(
  { url }: GuardedServer,
  dialect: DialectName,
  count: number,
  arrival: Arrival,
): Promise<RawClient[]> {
  const clients = Array.from(
    { length: count },
    () => new RawClient(url, 'doc', dialect, undefined, arrival),
  )
  for (const client of clients) {
    await client.until(() => client.socket.readyState !== client.socket.CONNECTING)
  }
  return clients
}

/** Whoever may not write. Somebody new in this list is tried with everything there is. */
const actors: Actor[] = [
  { name: 'a reader', arrive: joinedWith({ doc: 'read' }), mayBeSeen: true },
  { name: 'a commenter', arrive: joinedWith({ doc: 'comment' }), mayBeSeen: true },
  {
    name: 'somebody without a credential',
    mayBeSeen: false,
    arrive: (guarded, dialect, count) => outside(guarded, dialect, count, {}),
  },
  {
    name: 'somebody whose credential does not open the document',
    mayBeSeen: false,
    arrive: async (guarded, dialect, count) => {
      const eves = { token: await tokenFor('eve', { other: 'write' }) }
      return outside(guarded, dialect, count, eves)
    },
  },
  {
    name: 'a writer whose credential has expired',
    mayBeSeen: false,
    arrive: async (guarded, dialect, count) => {
      const clients = await joined(guarded, dialect, count, { exp: seconds(600) })
      guarded.forward(600_000)
      return clients
    },
  },
]

/** Somebody who has written and sees what others do, with everything they wrote on disk. */
async function witnessOf({ url, stored }: GuardedServer): Promise<RawClient> {
  const lasting = { token: await token({ sub: 'grace', exp: seconds(36_000) }) }
  const witness = await RawClient.joined(url, 'doc', 'coscribe.v1', lasting)
  witness.edit(typed('as it was'))
  await witness.until(() => witness.acked === 1)
  expect(await stored('doc')).not.toBe('')
  return witness
}

/** One question and its answer, or the end, for whoever is allowed nothing else. */
async function exchange(client: RawClient): Promise<void> {
  if (client.dialect === 'y-websocket') return client.sync()
  const before = client.count('pong')
  client.sendFrame(encodeClientFrame(0, { type: 'ping' }))
  await client.until(() => client.count('pong') > before)
}

/** What the witness is sent about others. */
function heard(witness: RawClient): number {
  return witness.count('update') + witness.count('presence') + witness.count('info')
}

/** Everything that was received before has been stored or refused, and relayed or not, when this has. */
async function expectOnlyItsOwn(witness: RawClient, guarded: GuardedServer): Promise<void> {
  const acked = witness.acked
  witness.edit((doc) => doc.getText('t').insert(9, '!'))
  await witness.until(() => witness.acked > acked)
  await witness.sync()
  expect(textOf(witness)).toBe('as it was!')
  const stored = (await guarded.stored('doc')).split(' ').map((hex) => Buffer.from(hex, 'hex'))
  for (const bytes of stored) {
    const { structs, ds } = Y.decodeUpdate(new Uint8Array(bytes))
    for (const { id } of structs) expect(id.client).toBe(witness.doc.clientID)
    expect(ds.clients.size).toBe(0)
  }
}

it('[A82] the matrix has every type of message that a client can send', () => {
  for (const dialect of dialects) {
    const at = dialect === 'coscribe.v1' ? 1 : 0
    const tried = new Set(framesOf(dialect).map(([, frame]) => frame()[at]))
    expect(readTypes(dialect)).toEqual(tried)
  }
})

/** Every type that the codec does not call unknown; they are given from below, and fit into one byte so far. */
function readTypes(dialect: DialectName): Set<number> {
  const known = new Set<number>()
  for (let type = 0; type < 4_096; type++) {
    const bytes = new WireWriter().varUint(type).finish()
    const frames = [0, 1].map((channel) => Uint8Array.of(channel, ...bytes))
    const decoded =
      dialect === 'coscribe.v1' ? frames.map(decodeClientFrame) : [decodeStockMessage(bytes)]
    if (decoded.every((each) => each.type !== 'fault' || each.code !== 'unknown-type'))
      known.add(type)
  }
  return known
}

interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

/** The status of an answer, on a connection of its own: one that was used before may be closed just then. */
function ask(port: number, options: Asked, body: Uint8Array | null): Promise<number> {
  const headers = { ...options.headers, 'Content-Length': body?.length ?? 0 }
  return new Promise((resolve, reject) => {
    const all = { ...options, headers, port, host: '127.0.0.1', agent: false }
    const sent = request(all, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    sent.on('error', reject)
    sent.end(body ?? undefined)
  })
}

it('[A82] nobody changes a document by HTTP', async () => {
  const guarded = await startGuardedServer()
  const witness = await witnessOf(guarded)
  const quiet = heard(witness)
  const tokens = [
    'nonsense',
    await tokenFor('eve', { doc: 'read' }),
    await tokenFor('eve', { doc: 'comment' }),
    await tokenFor('eve', { doc: 'write' }, { exp: seconds(-1) }),
  ]
  const headers = [{}, ...tokens.map((credential) => ({ Authorization: `Bearer ${credential}` }))]
  for (const { method, path } of httpRoutes) {
    const body = method === 'GET' || method === 'HEAD' ? null : fresh()
    const answers = headers.map((each) => ask(guarded.port, { method, path, headers: each }, body))
    expect(await Promise.all(answers), `${method} ${path}`).not.toContain(500)
  }
  expect(heard(witness)).toBe(quiet)
  await expectOnlyItsOwn(witness, guarded)
  witness.close()
}, 180_000)

describe.each(dialects)('in %s', (dialect) => {
  it.each(actors)('[A36] $name changes nothing by any message', async ({ arrive, mayBeSeen }) => {
    const guarded = await startGuardedServer()
    const witness = await witnessOf(guarded)
    const before = await guarded.stored('doc')
    const cells = framesOf(dialect)
    const clients = await arrive(guarded, dialect, cells.length)
    let quiet = heard(witness)
    for (const [index, [type, frame]] of cells.entries()) {
      const client = clients[index]
      if (client === undefined) throw new Error('one client for each message')
      client.sendFrame(frame())
      // One more exchange each: what the message brought about has happened by then.
      await exchange(client)
      await exchange(witness)
      expect(await guarded.stored('doc'), type).toBe(before)
      if (mayBeSeen) quiet = witness.count('update') + witness.count('presence')
      else expect(heard(witness), type).toBe(quiet)
    }
    expect(witness.count('update')).toBe(0)
    await expectOnlyItsOwn(witness, guarded)
    for (const client of clients) client.close()
    witness.close()
  })

  it.each([...edits])('[A36] a writer does change it by %s', async (type) => {
    const guarded = await startGuardedServer()
    const witness = await witnessOf(guarded)
    const before = await guarded.stored('doc')
    const [client] = await joinedWith({ doc: 'write' })(guarded, dialect, 1)
    if (client === undefined) throw new Error('nobody came')
    const frame = framesOf(dialect).find(([name]) => name === type)?.[1] ?? (() => new Uint8Array())
    client.sendFrame(frame())
    await witness.until(() => textOf(witness).includes('intruder'))
    let after = before
    await eventually('it is on disk', () => {
      void guarded.stored('doc').then((bytes) => (after = bytes))
      return after !== before
    })
    client.close()
    witness.close()
  })

  it('[A36] a reader is told, once, and goes on reading', async () => {
    const guarded = await startGuardedServer()
    const witness = await witnessOf(guarded)
    const [client] = await joinedWith({ doc: 'read' })(guarded, dialect, 1)
    if (client === undefined) throw new Error('nobody came')
    client.edit(typed('x'))
    client.edit(typed('y'))
    witness.edit((doc) => doc.getText('t').insert(9, '!'))
    await client.until(() => textOf(client).includes('as it was!'))
    expect(client.ending).toBeNull()
    if (dialect === 'y-websocket') expect(client.count('auth-denied')).toBe(1)
    else expect(client.count('rejected')).toBe(2)
    client.close()
    witness.close()
  })
})

describe.each(stockVersions.filter((version) => !version.startsWith('y-websocket 1')))(
  '%s',
  (version) => {
    it('[A34] is let in by a token among its protocols', async () => {
      const guarded = await startGuardedServer()
      const witness = await witnessOf(guarded)
      const doc = new Y.Doc()
      const protocols = ['y-websocket', `coscribe.token.${await token({ sub: 'eve' })}`]
      const provider = stockProvider(version, guarded.url.replace('http', 'ws'), 'doc', doc, {
        protocols,
      })
      await eventually('synced', () => provider.synced)
      doc.getText('t').insert(0, 'stock: ')
      await witness.until(() => textOf(witness) === 'stock: as it was')
      provider.destroy()
      witness.close()
    })
  },
)

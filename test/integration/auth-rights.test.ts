import {
  encodeClientFrame,
  encodeStockMessage,
  PROTOCOL_VERSION,
  type ClientMessage,
  type SyncMessage,
} from '@coscribe/shared'
import { describe, expect, it } from 'vitest'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { eventually } from '../support/eventually.js'
import { startGuardedServer, type GuardedServer } from '../support/guarded-server.js'
import { dialects, RawClient, type DialectName } from '../support/raw-client.js'
import { stockProvider, stockVersions } from '../support/clients.js'
import { seconds, token, tokenFor } from '../support/tokens.js'
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
  /** Connects; whoever may not come in is connected as far as they come. */
  readonly arrive: (guarded: GuardedServer, dialect: DialectName) => Promise<RawClient>
  readonly mayBeSeen: boolean
}

const joinedWith =
  (documents: object) =>
  async ({ url }: GuardedServer, dialect: DialectName) =>
    RawClient.joined(url, 'doc', dialect, { token: await token({ sub: 'eve', documents }) })

const actors: Actor[] = [
  { name: 'a reader', arrive: joinedWith({ doc: 'read' }), mayBeSeen: true },
  { name: 'a commenter', arrive: joinedWith({ doc: 'comment' }), mayBeSeen: true },
  {
    name: 'somebody without a credential',
    mayBeSeen: false,
    arrive: async ({ url }, dialect) => {
      const client = new RawClient(url, 'doc', dialect)
      await client.until(() => client.socket.readyState !== client.socket.CONNECTING)
      return client
    },
  },
  {
    name: 'somebody whose credential does not open the document',
    mayBeSeen: false,
    arrive: async ({ url }, dialect) => {
      const eves = { token: await tokenFor('eve', { other: 'write' }) }
      const client = new RawClient(url, 'doc', dialect, undefined, eves)
      await client.until(() => client.socket.readyState !== client.socket.CONNECTING)
      return client
    },
  },
  {
    name: 'a writer whose credential has expired',
    mayBeSeen: false,
    arrive: async (guarded, dialect) => {
      const short = { token: await token({ sub: 'eve', exp: seconds(600) }) }
      const client = await RawClient.joined(guarded.url, 'doc', dialect, short)
      guarded.forward(600_000)
      return client
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
  return witness.count('update') + witness.count('presence')
}

describe.each(dialects)('in %s', (dialect) => {
  describe.each(actors)('$name', ({ arrive, mayBeSeen }) => {
    it.each(framesOf(dialect))('[A36] changes nothing by %s', async (type, frame) => {
      const guarded = await startGuardedServer()
      const witness = await witnessOf(guarded)
      const before = await guarded.stored('doc')
      const client = await arrive(guarded, dialect)
      const quiet = heard(witness)
      client.sendFrame(frame())
      // One more exchange each: what the message brought about has happened by then.
      await exchange(client)
      await witness.sync()
      expect(await guarded.stored('doc')).toBe(before)
      expect(textOf(witness)).toBe('as it was')
      if (!(mayBeSeen && type === 'presence')) expect(heard(witness)).toBe(quiet)
      client.close()
      witness.close()
    })
  })

  it.each([...edits])('[A36] a writer does change it by %s', async (type) => {
    const guarded = await startGuardedServer()
    const witness = await witnessOf(guarded)
    const before = await guarded.stored('doc')
    const client = await joinedWith({ doc: 'write' })(guarded, dialect)
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
    const client = await joinedWith({ doc: 'read' })(guarded, dialect)
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

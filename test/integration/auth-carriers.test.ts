import { closeCodes } from '@coscribe/shared'
import { connect } from '@coscribe/client'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { startGuardedServer } from '../support/guarded-server.js'
import { eventually } from '../support/eventually.js'
import { dialects, RawClient, type Arrival, type DialectName } from '../support/raw-client.js'
import { RawSocket } from '../support/raw-socket.js'
import { OTHER_SECRET, seconds, token, tokenFor } from '../support/tokens.js'
import { textOf, typed } from '../support/typed-text.js'

interface Carrier {
  readonly name: string
  readonly dialect: DialectName
  readonly arrival: (credential: string) => Arrival
}

const carriers: Carrier[] = dialects.flatMap((dialect) => [
  {
    name: `a subprotocol, ${dialect}`,
    dialect,
    arrival: (credential) => ({ token: credential }),
  },
  {
    name: `the Authorization header, ${dialect}`,
    dialect,
    arrival: (credential) => ({ headers: { Authorization: `Bearer ${credential}` } }),
  },
])

const refusals: [string, () => Promise<string>, number][] = [
  ['that is nonsense', () => Promise.resolve('nonsense'), 4401],
  ['of another secret', () => token({ secret: OTHER_SECRET }), 4401],
  ['that has expired', () => token({ exp: seconds(-1) }), 4401],
  ['for another document', () => tokenFor('ada', { other: 'write' }), 4403],
  [
    'that takes the document away',
    () => token({ documents: { doc: 'none' }, prefixes: { '': 'write' } }),
    4403,
  ],
]

/** Connects, says `open` where there is one, and waits for the end. */
async function turnedAway(
  url: string,
  dialect: DialectName,
  arrival?: Arrival,
  documentId = 'doc',
): Promise<RawClient> {
  const client = new RawClient(url, documentId, dialect, undefined, arrival)
  await client.open()
  await client.ended()
  return client
}

describe.each(carriers)('a credential by $name', ({ dialect, arrival }) => {
  it('[A34] lets its owner in', async () => {
    const { url } = await startGuardedServer()
    const ada = await RawClient.joined(url, 'doc', dialect, arrival(await token()))
    const grace = await RawClient.joined(
      url,
      'doc',
      dialect,
      arrival(await token({ sub: 'grace' })),
    )
    ada.edit(typed('hello'))
    await grace.until(() => textOf(grace) === 'hello')
    ada.close()
    grace.close()
  })

  it.each(refusals)(
    '[A35] %s is refused before any document is looked at',
    async (_name, make, code) => {
      const { url, loaded } = await startGuardedServer()
      const client = await turnedAway(url, dialect, arrival(await make()))
      expect(client.ending?.code).toBe(code)
      expect(client.count('sync-step-2') + client.count('sync-step-1')).toBe(0)
      expect(client.count('auth-denied')).toBe(dialect === 'y-websocket' ? 1 : 0)
      expect(loaded).toEqual([])
    },
  )
})

describe.each(dialects)('in %s', (dialect) => {
  it('[A34] nobody gets in without a credential', async () => {
    const { url, loaded } = await startGuardedServer()
    const client = await turnedAway(url, dialect)
    expect(client.ending?.code).toBe(4401)
    expect(loaded).toEqual([])
  })

  it('[A34] two credentials are one too many, also when they are the same', async () => {
    const { url, loaded } = await startGuardedServer()
    const good = await token()
    const both = { token: good, headers: { Authorization: `Bearer ${good}` } }
    for (const arrival of [
      both,
      { token: good, protocols: [`coscribe.token.${await token()}x`] },
    ]) {
      const client = await turnedAway(url, dialect, arrival)
      expect(client.ending?.code).toBe(4401)
    }
    expect(loaded).toEqual([])
  })

  it('[A34] what a proxy in between is authorized by is none', async () => {
    const { url } = await startGuardedServer()
    const headers = { Authorization: 'Basic YWRhOnNlY3JldA==' }
    const client = await RawClient.joined(url, 'doc', dialect, { token: await token(), headers })
    expect(client.ending).toBeNull()
    client.close()
  })

  it('[A35] a document that exists is refused like one that does not', async () => {
    const { url, loaded } = await startGuardedServer()
    const owner = await RawClient.joined(url, 'doc', dialect, { token: await token() })
    const arrival = { token: await tokenFor('eve', { mine: 'write' }) }
    const there = await turnedAway(url, dialect, arrival)
    const absent = await turnedAway(url, dialect, arrival, 'absent')
    expect(there.ending).toEqual(absent.ending)
    expect(there.frames).toEqual(absent.frames)
    expect(loaded).toEqual(['doc'])
    owner.close()
  })
})

describe('a credential in-band', () => {
  it('[A34] lets its owner in, when it comes before open', async () => {
    const { url } = await startGuardedServer()
    const client = new RawClient(url, 'doc', 'coscribe.v1')
    await client.until(() => client.socket.readyState === client.socket.OPEN)
    client.auth(await token())
    await client.open()
    expect(client.hello).toMatchObject({ access: 'write', secret: '' })
    client.close()
  })

  it.each(refusals)(
    '[A35] %s is refused before any document is looked at',
    async (_name, make, code) => {
      const { url, loaded } = await startGuardedServer()
      const client = new RawClient(url, 'doc', 'coscribe.v1')
      await client.until(() => client.socket.readyState === client.socket.OPEN)
      client.auth(await make())
      await client.open()
      expect(client.ending?.code).toBe(code)
      expect(client.hello).toBeNull()
      expect(loaded).toEqual([])
      client.close()
    },
  )

  it('[A34] of another subject than the one before is refused', async () => {
    const { url, loaded } = await startGuardedServer()
    const arrival = { token: await token() }
    const client = new RawClient(url, 'doc', 'coscribe.v1', undefined, arrival)
    await client.until(() => client.socket.readyState === client.socket.OPEN)
    client.auth(await token({ sub: 'eve' }))
    expect((await client.ended()).code).toBe(4403)
    expect(loaded).toEqual([])
    client.close()
  })

  it('[A39] has ten seconds; until then the socket can do nothing, and then it is closed', async () => {
    const { url, forward, loaded } = await startGuardedServer()
    const client = new RawClient(url, 'doc', 'coscribe.v1')
    await client.until(() => client.socket.readyState === client.socket.OPEN)
    client.edit(typed('early'))
    client.say({ type: 'query-presence' })
    const closed = new Promise<number>((resolve) => client.socket.once('close', resolve))
    // What is left of them is enough for somebody else to come in on a busy machine.
    forward(5_000)
    const timely = new RawClient(url, 'doc', 'coscribe.v1')
    await timely.until(() => timely.socket.readyState === timely.socket.OPEN)
    timely.auth(await token({ exp: seconds(3_600) }))
    await timely.open()
    expect(client.ending).toBeNull()
    forward(5_000)
    expect(await closed).toBe(closeCodes['not-authenticated'].code)
    expect(client.frames).toEqual([])
    forward(20_000)
    await timely.sync()
    expect(timely.ending).toBeNull()
    expect(loaded).toEqual(['doc'])
    timely.close()
  })
})

describe('our own client', () => {
  it('[K17] gets in by its token, and learns what it may do', async () => {
    const { url } = await startGuardedServer()
    const writer = connect({ url, doc: 'doc', WebSocket, token: await token() })
    writer.text('t').insert(0, 'hello')
    await writer.whenSaved()
    const readers = await tokenFor('grace', { doc: 'read' })
    const reader = connect({ url, doc: 'doc', WebSocket, token: () => readers })
    await reader.whenReady()
    expect(reader.text('t').toString()).toBe('hello')
    expect(reader.status.access).toBe('read')
    const stranger = connect({ url, doc: 'doc', WebSocket })
    await expect(stranger.whenReady()).rejects.toThrow(/a credential is needed/)
    for (const room of [writer, reader, stranger]) room.destroy()
  })
})

describe('a token among the subprotocols', () => {
  it.each(['coscribe.v1', 'y-websocket'])(
    '[A34, P21] is never sent back beside %s',
    async (name) => {
      const { port } = await startGuardedServer()
      for (const secret of [await token(), 'short']) {
        const raw = await RawSocket.upgraded(port, '/doc', {
          'Sec-WebSocket-Protocol': `coscribe.token.${secret}, ${name}`,
        })
        expect(raw.head).toContain(`Sec-WebSocket-Protocol: ${name}`)
        expect(raw.text).not.toContain(secret)
        raw.destroy()
      }
    },
  )

  it('[P21] is not selected for want of anything else', async () => {
    const { port } = await startGuardedServer()
    const raw = await RawSocket.upgraded(port, '/doc', {
      'Sec-WebSocket-Protocol': 'coscribe.token.short',
    })
    expect(raw.head).not.toContain('Sec-WebSocket-Protocol')
    raw.destroy()
  })
})

describe('a server that asks for credentials', () => {
  it('[A5] may be reached by any name, and by pages of its own and of named sites', async () => {
    const allowedOrigins = 'https://app.example'
    const { port } = await startGuardedServer({ allowedOrigins })
    const status = async (headers: Record<string, string>): Promise<number> => {
      const raw = await RawSocket.upgraded(port, '/doc', headers).catch(() => null)
      raw?.destroy()
      return raw?.status ?? 403
    }
    const Host = 'docs.example'
    expect(await status({ Host })).toBe(101)
    expect(await status({ Host, Origin: 'https://docs.example' })).toBe(101)
    expect(await status({ Host, Origin: 'https://app.example' })).toBe(101)
    expect(await status({ Host, Origin: 'https://evil.example' })).toBe(403)
  })

  it('[A2] may listen for everybody', async () => {
    const { server } = await startGuardedServer({ host: '0.0.0.0', cookies: 'off' })
    expect(server.options.host).toBe('0.0.0.0')
    expect((await fetch(`http://127.0.0.1:${new URL(server.url).port}/readyz`)).status).toBe(200)
  })

  it('[A34] keeps nothing of those who were turned away', async () => {
    const { url, server } = await startGuardedServer()
    for (const dialect of dialects) await turnedAway(url, dialect, { token: 'nonsense' })
    await eventually('all are gone', () => server.connections === 0)
  })
})

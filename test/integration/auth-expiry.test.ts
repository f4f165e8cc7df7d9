import { describe, expect, it } from 'vitest'
import { startGuardedServer } from '../support/guarded-server.js'
import { dialects, RawClient } from '../support/raw-client.js'
import { seconds, token, tokenFor } from '../support/tokens.js'
import { textOf, typed } from '../support/typed-text.js'

describe.each(dialects)('a session of %s', (dialect) => {
  it('[A37] ends with its credential, also when it says nothing', async () => {
    const { url, forward } = await startGuardedServer()
    const lasting = { token: await token({ sub: 'grace', exp: seconds(36_000) }) }
    const other = await RawClient.joined(url, 'doc', dialect, lasting)
    const client = await RawClient.joined(url, 'doc', dialect, {
      token: await token({ exp: seconds(600) }),
    })
    forward(540_000)
    await client.sync()
    expect(client.ending).toBeNull()
    forward(60_000)
    expect(await client.ended()).toMatchObject({ code: 4401 })
    expect(client.count('auth-denied')).toBe(dialect === 'y-websocket' ? 1 : 0)
    await other.sync()
    expect(other.ending).toBeNull()
    other.close()
    client.close()
  })

  it('[A37] takes nothing any more from the moment on in which it has ended', async () => {
    const { url, forward, stored } = await startGuardedServer()
    const lasting = { token: await token({ sub: 'grace', exp: seconds(36_000) }) }
    const other = await RawClient.joined(url, 'doc', dialect, lasting)
    const client = await RawClient.joined(url, 'doc', dialect, {
      token: await token({ exp: seconds(600) }),
    })
    client.edit(typed('in time'))
    await other.until(() => textOf(other) === 'in time')
    forward(600_000)
    client.edit(typed('too late'))
    expect(await client.ended()).toMatchObject({ code: 4401 })
    await other.sync()
    expect(textOf(other)).toBe('in time')
    expect(await stored('doc')).not.toContain(Buffer.from('late').toString('hex'))
    other.close()
    client.close()
  })
})

/** A writer of `doc` whose token lasts ten minutes, and one who sees what they write for hours. */
async function writerAndWitness(url: string): Promise<[RawClient, RawClient]> {
  const lasting = { token: await token({ sub: 'grace', exp: seconds(36_000) }) }
  return [
    await RawClient.joined(url, 'doc', 'coscribe.v1', {
      token: await token({ exp: seconds(600) }),
    }),
    await RawClient.joined(url, 'doc', 'coscribe.v1', lasting),
  ]
}

describe('a new credential in-band', () => {
  it('[A38] of the same subject lets the session go on, without a new connection', async () => {
    const { url, forward } = await startGuardedServer()
    const [client, witness] = await writerAndWitness(url)
    client.auth(await token({ exp: seconds(1_200) }))
    forward(1_199_000 - 100_000)
    client.edit(typed('still here'))
    await witness.until(() => textOf(witness) === 'still here')
    expect(client.count('hello')).toBe(1)
    expect(client.count('access')).toBe(0)
    forward(101_000)
    expect(await client.ended()).toMatchObject({ code: 4401 })
    witness.close()
  })

  it.each([
    ['of another subject', () => token({ sub: 'eve' }), 4403],
    ['that is nonsense', () => Promise.resolve('nonsense'), 4401],
    ['without this document', () => tokenFor('ada', { other: 'write' }), 4403],
  ])('[A38] %s ends the session', async (_name, make, code) => {
    const { url } = await startGuardedServer()
    const [client, witness] = await writerAndWitness(url)
    client.auth(await make())
    client.edit(typed('one more'))
    expect((await client.ended()).code).toBe(code)
    await witness.sync()
    expect(textOf(witness)).toBe('')
    witness.close()
  })

  it('[A38] with other rights counts from its receipt on, and the client is told', async () => {
    const { url } = await startGuardedServer()
    const [client, witness] = await writerAndWitness(url)
    client.auth(await tokenFor('ada', { doc: 'read' }))
    const update = client.edit(typed('refused'))
    await client.until(() => client.last('rejected') !== null)
    expect(client.last('access')?.access).toBe('read')
    expect(client.last('rejected')?.code).toBe('read-only')
    client.auth(await tokenFor('ada', { doc: 'write' }))
    client.say({ type: 'update', update })
    await witness.until(() => textOf(witness) === 'refused')
    expect(client.last('access')?.access).toBe('write')
    client.close()
    witness.close()
  })
})

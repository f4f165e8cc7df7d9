import { randomBytes } from 'node:crypto'
import { encodeStockMessage } from '@coscribe/shared'
import { describe, expect, it } from 'vitest'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { ask } from '../support/api-client.js'
import { eventually } from '../support/eventually.js'
import { dialects, RawClient, type DialectName } from '../support/raw-client.js'
import { RawSocket, upgradeRequest } from '../support/raw-socket.js'
import { RecordingProxy } from '../support/recording-proxy.js'
import { SecretSearch } from '../support/secret-search.js'
import { folderForTest, spawnServer, type ServerProcess } from '../support/test-server.js'
import { OTHER_SECRET, seconds, SECRET, token } from '../support/tokens.js'
import { textOf, typed } from '../support/typed-text.js'

/** A word that nothing else has by chance. */
const canary = (): string => randomBytes(20).toString('hex')

/** Somebody with documents of their own, and a way to the server on which everything is kept. */
interface Tenant {
  readonly name: string
  /** In the name of their document. */
  readonly documentId: string
  /** In texts, keys, values and what people say of themselves. */
  readonly words: Readonly<Record<string, string>>
  readonly token: string
  readonly proxy: RecordingProxy
}

async function tenantOf(name: string, server: ServerProcess): Promise<Tenant> {
  const prefixes = { [`${name}/`]: 'write' }
  return {
    name,
    documentId: `${name}/${canary()}`,
    words: {
      text: canary(),
      key: canary(),
      value: canary(),
      presence: canary(),
      title: canary(),
    },
    token: await token({ sub: name, jti: `${name}-1`, prefixes, documents: {} }),
    proxy: await RecordingProxy.open(server.port),
  }
}

/** What of a token must not be seen anywhere: its claims and its signature. */
function partsOf(name: string, credential: string): Record<string, string> {
  const parts = credential.split('.').slice(1).concat(credential.replaceAll('.', ''))
  const long = parts.filter(({ length }) => length >= 16)
  return Object.fromEntries(long.map((part, index) => [`${name} ${index}`, part]))
}

function presenceOf(word: string): Uint8Array {
  const awareness = new Awareness(new Y.Doc())
  awareness.setLocalState({ user: { name: word } })
  const update = encodeAwarenessUpdate(awareness, [awareness.clientID])
  awareness.destroy()
  return update
}

/** More than is left lying about when the last one has gone: then it is compacted. */
const filling = (word: string): string => `${word} `.repeat(200)

/** What people do: write, also in fragments, show themselves, ask, and are cut off. */
async function work({ proxy, documentId, words, token: own }: Tenant, dialect: DialectName) {
  const client = await RawClient.joined(proxy.url, documentId, dialect, { token: own })
  client.edit((doc) => {
    doc.getText('t').insert(0, filling(words['text'] ?? ''))
    doc.getMap('m').set(words['key'] ?? '', { value: words['value'] })
  })
  const doc = new Y.Doc()
  doc.getText('t').insert(0, words['text'] ?? '')
  const update = Y.encodeStateAsUpdate(doc)
  client.sayInPieces(encodeStockMessage({ type: 'update', update }), 3)
  client.say({ type: 'presence', update: presenceOf(words['presence'] ?? '') })
  const other = await RawClient.joined(proxy.url, documentId, dialect, { token: own })
  await other.until(() => other.count('presence') > 0)
  other.say({ type: 'query-presence' })
  await client.sync()
  // A line that breaks, and somebody who goes on from where they were.
  client.socket.terminate()
  const again = new RawClient(proxy.url, documentId, dialect, undefined, { token: own })
  await again.open({ resume: other.resumePoint })
  await again.sync()
  return [client, other, again]
}

/** Gives the document its title, and asks for lists of all there is and of what the other one has. */
async function nameIt({ proxy, documentId, words, token: own }: Tenant, other: Tenant) {
  const headers = { Authorization: `Bearer ${own}` }
  const one = `/api/v1/documents/${encodeURIComponent(documentId)}`
  const named = await ask(proxy, 'PATCH', one, { headers, body: { title: words['title'] ?? '' } })
  expect(named.status).toBe(200)
  const searches = [other.name, other.words['title']?.slice(0, 12) ?? '', '/']
  for (const query of ['limit=1', ...searches.map((search) => `search=${search}`)]) {
    const listed = await ask(proxy, 'GET', `/api/v1/documents?${query}`, { headers })
    expect(listed.status).toBe(200)
  }
  const others = `/api/v1/documents/${encodeURIComponent(other.documentId)}`
  expect((await ask(proxy, 'GET', others, { headers })).status).toBe(403)
}

/** What is refused: others' documents, edits of readers, and bytes of all kinds, cut off anywhere or too long. */
async function mischief(tenant: Tenant, other: Tenant, dialect: DialectName): Promise<void> {
  const { proxy, documentId, name, words } = tenant
  const burglar = new RawClient(proxy.url, other.documentId, dialect, undefined, {
    token: tenant.token,
  })
  await burglar.open()
  expect((await burglar.ended()).code).toBe(4403)
  burglar.close()
  const arrival = { token: await token({ sub: name, documents: { [documentId]: 'read' } }) }
  const reader = await RawClient.joined(proxy.url, documentId, dialect, arrival)
  reader.edit(typed(words['text'] ?? ''))
  await reader.until(() => reader.count('rejected') + reader.count('auth-denied') > 0)
  reader.close()
  const doc = new Y.Doc()
  doc.getText('t').insert(0, words['text'] ?? '')
  const whole = encodeStockMessage({ type: 'update', update: Y.encodeStateAsUpdate(doc) })
  const longer = Uint8Array.from(whole)
  longer[2] = (longer[2] ?? 0) + 40
  for (const bytes of [whole.slice(0, -9), longer, Uint8Array.of(0, 9, 1), new Uint8Array(5_000)]) {
    const broken = await RawClient.joined(proxy.url, documentId, dialect, { token: tenant.token })
    broken.sayInPieces(bytes, 2)
    await broken.ended()
    broken.close()
  }
}

/** Credentials that nobody accepts, each by every way in which one can be brought; the answers go through the proxy. */
async function knock({ proxy, documentId }: Tenant, credentials: readonly string[]): Promise<void> {
  for (const credential of credentials) {
    const inBand = new RawClient(proxy.url, documentId, 'coscribe.v1')
    await inBand.until(() => inBand.socket.readyState === inBand.socket.OPEN)
    inBand.auth(credential)
    await inBand.ended()
    inBand.close()
    const target = `/${encodeURIComponent(documentId)}?token=${credential}`
    const requests: Record<string, string>[] = [
      { Authorization: `Bearer ${credential}` },
      { 'Sec-WebSocket-Protocol': `coscribe.token.${credential}, y-websocket` },
      { 'Sec-WebSocket-Protocol': `coscribe.token.${credential},,` },
      { Authorization: `Bearer ${credential}`, Upgrade: 'nothing' },
      { Cookie: `coscribe=${credential}`, Host: credential.slice(0, 40) },
    ]
    for (const headers of requests) {
      const raw = new RawSocket(proxy.port)
      raw.send(upgradeRequest(proxy.port, target, headers))
      const isOver = (): boolean => raw.closed || (raw.status === 101 && raw.closeCode !== null)
      await raw.until('the answer', isOver)
      raw.destroy()
    }
    const headers = { Authorization: `Bearer ${credential}` }
    for (const path of ['/d/notes', '/nothing', '/status', '/metrics', '/readyz', '/api/v1/x']) {
      await (await fetch(`${proxy.url}${path}?token=${credential}`, { headers })).arrayBuffer()
    }
  }
}

const wrapped = (text: string): Buffer => Buffer.from(`{"a":"${text}"}\n`)

describe('two tenants on one server', () => {
  it('[A41, A83, R61] nothing of one reaches the other, and nothing of a credential anybody', async () => {
    const data = folderForTest()
    const start = (): Promise<ServerProcess> =>
      spawnServer(
        { data, logLevel: 'debug', roomGraceMs: 0 },
        { env: { COSCRIBE_AUTH_SECRET: SECRET } },
      )
    let server = await start()
    const tenants = [await tenantOf('north', server), await tenantOf('south', server)] as const
    const [north, south] = tenants
    const bad = [
      await token({ secret: OTHER_SECRET, jti: canary() }),
      await token({ exp: seconds(-5), jti: canary() }),
      `${await token()}x`,
      canary(),
    ]
    const logs: string[] = []
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      for (const tenant of tenants) tenant.proxy.targetPort = server.port
      for (const dialect of dialects) {
        const people = await Promise.all(tenants.map((tenant) => work(tenant, dialect)))
        await Promise.all([nameIt(north, south), nameIt(south, north)])
        await Promise.all([mischief(north, south, dialect), mischief(south, north, dialect)])
        // The control: people see what is theirs.
        for (const [index, { words }] of tenants.entries()) {
          const [, , again] = people[index] ?? []
          expect(again === undefined ? '' : textOf(again)).toContain(words['text'])
        }
        for (const client of people.flat()) client.close()
      }
      await Promise.all([knock(north, bad.slice(0, 2)), knock(south, bad.slice(2))])
      const running = server
      await eventually('compacted', () => running.log().split('compaction ended').length > 2)
      await server.kill(signal)
      logs.push(server.log())
      if (signal === 'SIGTERM') server = await start()
    }
    for (const { proxy } of tenants) proxy.close()

    const credentials = { secret: SECRET }
    for (const [index, credential] of [north.token, south.token, ...bad].entries()) {
      Object.assign(credentials, partsOf(`credential ${index}`, credential))
    }
    const log = Buffer.from(logs.join('\n'))
    const nowhere = new SecretSearch(credentials)
    for (const bytes of [log, north.proxy.recorded, south.proxy.recorded]) {
      expect(nowhere.find(bytes)).toEqual([])
    }
    for (const [tenant, other] of [[north, south] as const, [south, north] as const]) {
      const words = new SecretSearch(tenant.words)
      expect(words.find(log)).toEqual([])
      expect(words.find(other.proxy.recorded)).toEqual([])
      const names = new SecretSearch({ name: tenant.documentId.split('/')[1] ?? '' })
      expect(names.find(other.proxy.recorded)).toEqual([])
      // The controls: what is looked for is there where it belongs, all of it.
      expect(new Set(words.find(tenant.proxy.recorded))).toEqual(
        new Set(Object.keys(tenant.words).map((word) => `${word}, as it is`)),
      )
      expect(names.find(log)).toEqual(['name, as it is'])
    }
    expect(log.toString()).toContain('a credential was refused')
    expect(log.toString()).toContain('"subject":"north"')
  }, 180_000)

  it('[A83] control: a secret is found in each form it can have, and in part', () => {
    const secret = `${canary()}.${Buffer.from(canary()).toString('base64')}`
    const search = new SecretSearch({ secret })
    const seen = [
      wrapped(secret.slice(5, 21)),
      wrapped(Buffer.from(secret).toString('hex')),
      wrapped(encodeURIComponent(`{"b":"${secret}"}`)),
      wrapped([...Buffer.from(secret)].map((byte) => `%${byte.toString(16)}`).join('')),
      wrapped([...Buffer.from(secret)].map((byte) => `\\u00${byte.toString(16)}`).join('')),
      Buffer.from(secret, 'utf16le'),
      ...['', 'a', 'ab', 'abc'].flatMap((before) =>
        (['base64', 'base64url'] as const).map((form) =>
          wrapped(Buffer.from(before + secret.slice(0, 40)).toString(form)),
        ),
      ),
    ]
    expect(seen.filter((bytes) => search.find(bytes).length === 0)).toEqual([])
    expect(search.find(wrapped(secret.slice(5, 20)))).toEqual([])
  })
})

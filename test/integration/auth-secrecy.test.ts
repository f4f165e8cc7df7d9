import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { dialects, RawClient } from '../support/raw-client.js'
import { RawSocket, upgradeRequest } from '../support/raw-socket.js'
import { folderForTest, spawnServer } from '../support/test-server.js'
import { OTHER_SECRET, seconds, SECRET, token } from '../support/tokens.js'
import { textOf, typed } from '../support/typed-text.js'

/** A word that nothing else has by chance. */
const canary = (): string => `canary${randomBytes(12).toString('hex')}`

interface Tenant {
  readonly name: string
  /** In every text of theirs. */
  readonly word: string
  readonly token: string
  readonly clients: RawClient[]
}

async function tenantOf(name: string): Promise<Tenant> {
  const prefixes = { [`${name}/`]: 'write' }
  const credential = await token({ sub: name, jti: canary(), prefixes, documents: {} })
  return { name, word: canary(), token: credential, clients: [] }
}

/** What a token consists of that must not be seen anywhere: its claims and its signature. */
function partsOf(credential: string): string[] {
  return credential.split('.').slice(1)
}

describe('two tenants on one server', () => {
  it('[A41, R61] no word of one reaches the other, and no credential anything at all', async () => {
    const server = await spawnServer(
      { data: folderForTest(), logLevel: 'debug' },
      { env: { COSCRIBE_AUTH_SECRET: SECRET } },
    )
    const url = `http://127.0.0.1:${server.port}`
    const tenants = [await tenantOf('north'), await tenantOf('south')]
    const used: string[] = []

    for (const tenant of tenants) {
      const other = tenants.find(({ name }) => name !== tenant.name)?.name ?? ''
      for (const dialect of dialects) {
        const arrival = { token: tenant.token }
        const client = await RawClient.joined(url, `${tenant.name}/notes`, dialect, arrival)
        client.edit(typed(tenant.word))
        await client.sync()
        // Into the other's house: refused.
        const burglar = new RawClient(url, `${other}/notes`, dialect, undefined, arrival)
        await burglar.open()
        expect((await burglar.ended()).code).toBe(4403)
        tenant.clients.push(client, burglar)
      }
      used.push(tenant.token)
    }

    // Credentials in every place and state in which they could end up in a message about them.
    const bad = [
      await token({ secret: OTHER_SECRET, jti: canary() }),
      await token({ exp: seconds(-5), jti: canary() }),
      await token({ aud: canary() }),
      `${await token()}x`,
      canary(),
    ]
    used.push(...bad)
    const answers: string[] = []
    for (const credential of bad) {
      const inBand = new RawClient(url, 'north/notes', 'coscribe.v1')
      await inBand.until(() => inBand.socket.readyState === inBand.socket.OPEN)
      inBand.auth(credential)
      await inBand.ended()
      tenants[0]?.clients.push(inBand)
      const requests: Record<string, string>[] = [
        { Authorization: `Bearer ${credential}` },
        { 'Sec-WebSocket-Protocol': `coscribe.token.${credential}, y-websocket` },
        { 'Sec-WebSocket-Protocol': `coscribe.token.${credential},,` },
        { Authorization: `Bearer ${credential}`, Upgrade: 'nothing' },
      ]
      for (const headers of requests) {
        const raw = new RawSocket(server.port)
        raw.send(upgradeRequest(server.port, `/north/notes?token=${credential}`, headers))
        await raw.until(
          'the answer',
          () => raw.closed || (raw.status === 101 && raw.closeCode !== null),
        )
        answers.push(raw.text)
        raw.destroy()
      }
      const page = await fetch(`${url}/d/notes?token=${credential}`)
      answers.push(await page.text(), await (await fetch(`${url}/nothing?t=${credential}`)).text())
      answers.push(JSON.stringify([...page.headers]))
    }
    await server.kill('SIGTERM')

    const log = server.log()
    const everything = [log, ...answers]
    for (const { clients } of tenants) {
      for (const { frames, ending } of clients) {
        everything.push(...frames.map((frame) => Buffer.from(frame).toString('latin1')))
        everything.push(ending?.reason ?? '')
      }
    }
    const secrets = [SECRET, ...used.flatMap((credential) => [credential, ...partsOf(credential)])]
    for (const secret of secrets.filter((text) => text.length > 8)) {
      expect(everything.filter((text) => text.includes(secret))).toEqual([])
    }
    // The controls: the words are where they belong, and what was refused was noted.
    const words = tenants.map(({ word }) => word)
    for (const { word, clients } of tenants) {
      const foreign = words.filter((other) => other !== word)
      const seen = clients.map((client) =>
        client.frames.map((f) => Buffer.from(f).toString('latin1')).join(),
      )
      expect(clients.some((client) => textOf(client).includes(word))).toBe(true)
      for (const other of foreign) expect(seen.join()).not.toContain(other)
      expect(log).not.toContain(word)
    }
    expect(log).toContain('a credential was refused')
    expect(log).toContain('"subject":"north"')
  })
})

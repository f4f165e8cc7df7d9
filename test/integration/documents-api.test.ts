import { connect, type Room } from '@coscribe/client'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { SealedCursors } from '../../server/src/http/api/sealed-cursor.js'
import { Gate } from '../../server/src/transport/gate.js'
import { ask, originOf, type ApiReply } from '../support/api-client.js'
import { startGuardedServer, type GuardedServer } from '../support/guarded-server.js'
import { startTestServer } from '../support/test-server.js'
import { token, tokenFor } from '../support/tokens.js'

interface Listed {
  readonly id: string
  readonly title: string
  readonly access: string
  readonly createdAt: string | null
  readonly updatedAt: string | null
  readonly trashedAt: string | null
}

const PATH = '/api/v1/documents'
const pathOf = (id: string): string => `${PATH}/${encodeURIComponent(id)}`

/** Asks as whoever has this token, or as anybody. */
function asker(server: { readonly port: number }, credential?: string) {
  const headers: Record<string, string> =
    credential === undefined ? {} : { Authorization: `Bearer ${credential}` }
  return (method: string, path: string, body?: object): Promise<ApiReply> =>
    ask(server, method, path, { headers, ...(body === undefined ? {} : { body }) })
}

type Ask = ReturnType<typeof asker>

function listedIn(reply: ApiReply): Listed[] {
  expect(reply.status, reply.text).toBe(200)
  return reply.json['documents'] as Listed[]
}

/** All ids of a list, page by page, and what the pages were. */
async function pagesOf(asks: Ask, query: string): Promise<{ ids: string[]; cursors: string[] }> {
  const ids: string[] = []
  const cursors: string[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const reply = await asks('GET', `${PATH}?${query}${cursor === '' ? '' : `&cursor=${cursor}`}`)
    for (const { id } of listedIn(reply)) ids.push(id)
    cursor = reply.json['cursor'] as string | null
    if (cursor !== null) cursors.push(cursor)
  }
  return { ids, cursors }
}

async function operator(server: GuardedServer): Promise<Ask> {
  return asker(
    server,
    await token({ sub: 'olga', documents: undefined, prefixes: { '': 'admin' } }),
  )
}

function person(url: string, doc: string, credential?: string): Room {
  const given = credential === undefined ? {} : { token: credential }
  const room = connect({ url, doc, WebSocket, ...given })
  onTestFinished(() => room.destroy())
  return room
}

describe('without authentication', () => {
  it('[A90, A91, A92] documents are made, named, listed, thrown away and brought back', async () => {
    const server = await startTestServer()
    const asks = asker({ port: Number(new URL(server.url).port) })
    const before = Date.now()
    const made = await asks('POST', PATH, { id: 'täglich/1', title: ' Das \u202eProtokoll\n ' })
    expect(made.status).toBe(201)
    expect(made.json).toEqual({
      id: 'täglich/1',
      title: 'Das Protokoll',
      access: 'admin',
      createdAt: made.json['updatedAt'],
      updatedAt: made.json['updatedAt'],
      trashedAt: null,
    })
    expect(Date.parse(String(made.json['createdAt']))).toBeGreaterThanOrEqual(before)
    expect((await asks('GET', pathOf('täglich/1'))).json).toEqual(made.json)
    const again = await asks('POST', PATH, { id: 'täglich/1' })
    expect([again.status, again.json['type']]).toEqual([409, 'urn:coscribe:problem:exists'])
    const drawn = await asks('POST', PATH, {})
    expect(drawn.json).toMatchObject({ id: expect.stringMatching(/^[0-9a-f]{32}$/), title: '' })
    expect((await asks('GET', pathOf('nobody'))).status).toBe(404)
    expect((await asks('PATCH', pathOf('nobody'), { title: 'x' })).status).toBe(404)
    expect((await asks('DELETE', pathOf('nobody'))).status).toBe(404)
    const renamed = await asks('PATCH', pathOf('täglich/1'), { title: 'x'.repeat(300) })
    expect(renamed.json['title']).toBe('x'.repeat(200))
    expect((await asks('PATCH', pathOf('täglich/1'), { title: '' })).json['title']).toBe('')
    const both = new Set(['täglich/1', drawn.json['id']])
    expect(new Set((await pagesOf(asks, '')).ids)).toEqual(both)
    const gone = await asks('DELETE', pathOf('täglich/1'))
    expect(gone.json).toMatchObject({ id: 'täglich/1', trashedAt: expect.any(String) })
    expect((await pagesOf(asks, '')).ids).toEqual([drawn.json['id']])
    expect((await pagesOf(asks, 'trashed=true')).ids).toEqual(['täglich/1'])
    const [all, trash] = [await asks('GET', PATH), await asks('GET', `${PATH}?trashed=true`)]
    expect([all.json['keptDays'], trash.json['keptDays']]).toEqual([undefined, 30])
    expect((await asks('PATCH', pathOf('täglich/1'), { title: 'x' })).json['type']).toBe(
      'urn:coscribe:problem:trashed',
    )
    const restored = await asks('POST', `${pathOf('täglich/1')}/restore`)
    expect([restored.status, restored.json['trashedAt']]).toEqual([200, null])
    expect((await pagesOf(asks, 'trashed=true')).ids).toEqual([])
  })

  it('[A90] a page of another site gets nowhere', async () => {
    const server = await startTestServer()
    const port = { port: Number(new URL(server.url).port) }
    const headers = { Origin: 'https://evil.example' }
    for (const method of ['GET', 'POST']) {
      expect((await ask(port, method, PATH, { headers })).status).toBe(403)
    }
    const own = await ask(port, 'GET', PATH, { headers: { Origin: originOf(port) } })
    expect(own.status).toBe(200)
  })

  it('[A92] a document that was only written in is listed as untitled, the one changed last first', async () => {
    const server = await startTestServer()
    const asks = asker({ port: Number(new URL(server.url).port) })
    for (const id of ['first', 'second']) {
      const room = person(server.url, id)
      room.text('content').insert(0, 'x')
      await room.whenSaved()
      await expect.poll(async () => (await pagesOf(asks, '')).ids[0]).toBe(id)
    }
    const [second, first] = listedIn(await asks('GET', PATH))
    expect([first?.id, first?.title, second?.id]).toEqual(['first', '', 'second'])
    expect(first?.createdAt).not.toBeNull()
  })
})

describe('with tokens', () => {
  it('[A92] a token that names what is no document id does not keep its bearer from the others', async () => {
    const server = await startGuardedServer()
    await (
      await operator(server)
    )('POST', PATH, { id: 'good' })
    const asks = asker(server, await tokenFor('ada', { '.never': 'read', good: 'read' }))
    expect((await pagesOf(asks, '')).ids).toEqual(['good'])
  })

  it('[A91] an id is drawn that its maker may write, whatever longer prefixes take away', async () => {
    const server = await startGuardedServer()
    const taken = Array.from('01234567', (first) => [`mine/${first}`, 'none'])
    const prefixes = { 'mine/': 'write', ...Object.fromEntries(taken), ['p'.repeat(250)]: 'write' }
    const asks = asker(server, await token({ sub: 'ada', documents: {}, prefixes }))
    for (let count = 0; count < 20; count++) {
      const made = await asks('POST', PATH, {})
      expect(made.json['id'], made.text).toMatch(/^mine\/[89a-f][0-9a-f]{31}$/)
    }
    const nowhere = { sub: 'ada', documents: {}, prefixes: { ['p'.repeat(250)]: 'write' } }
    expect((await asker(server, await token(nowhere))('POST', PATH, {})).status).toBe(403)
  })
})

/** What somebody who may read `a…` is told of other documents by a list. */
async function leaked(): Promise<string[]> {
  const server = await startGuardedServer()
  const admin = await operator(server)
  for (const id of ['a1', 'hidden-1', 'a2', 'hidden-2']) await admin('POST', PATH, { id })
  const asks = asker(server, await token({ sub: 'ada', documents: {}, prefixes: { a: 'read' } }))
  const { ids, cursors } = await pagesOf(asks, 'limit=1')
  const told = [...ids, ...cursors.map((cursor) => Buffer.from(cursor, 'base64url').toString())]
  return told.filter((text) => text.includes('hidden'))
}

describe('[A92] what others have', () => {
  it('is not in a list, nor in its cursors', async () => {
    expect(await leaked()).toEqual([])
  })

  it('control: without looking at rights, or without sealing cursors, it would be', async () => {
    vi.spyOn(Gate.prototype, 'accessTo').mockReturnValue('read')
    onTestFinished(() => void vi.restoreAllMocks())
    expect((await leaked()).length).toBeGreaterThan(0)
    vi.restoreAllMocks()
    const plain = JSON.stringify({ updatedAt: 1, documentId: 'hidden-2' })
    vi.spyOn(SealedCursors.prototype, 'seal').mockReturnValue(
      Buffer.from(plain).toString('base64url'),
    )
    vi.spyOn(SealedCursors.prototype, 'open').mockReturnValue({ updatedAt: 0, documentId: '' })
    expect((await leaked()).length).toBeGreaterThan(0)
  })
})

describe('with authentication', () => {
  it('[A91] each route needs its right, and absent and forbidden documents answer alike', async () => {
    const server = await startGuardedServer()
    const admin = await operator(server)
    await admin('POST', PATH, { id: 'there' })
    const rights = { none: 0, read: 1, comment: 1, write: 2, admin: 3 } as const
    for (const [access, level] of Object.entries(rights)) {
      for (const id of ['there', 'absent']) {
        const credential = await tokenFor('eve', { [id]: access as 'read', other: 'admin' })
        const asks = asker(server, credential)
        const wanted = async (needs: number, method: string, path: string, body?: object) => {
          const { status, json } = await asks(method, path, body)
          expect(status === 403, `${access} ${method} ${path}: ${status}`).toBe(level < needs)
          if (status === 403) expect(json['type']).toBe('urn:coscribe:problem:forbidden')
          else expect(status).toBe(id === 'there' ? 200 : 404)
        }
        await wanted(1, 'GET', pathOf(id))
        await wanted(2, 'PATCH', pathOf(id), { title: access })
        await wanted(3, 'DELETE', pathOf(id))
        await wanted(3, 'POST', `${pathOf(id)}/restore`)
      }
    }
    expect((await asker(server)('GET', PATH)).status).toBe(401)
  })

  it('[A91] a document is made where its maker may write, also when its id is drawn', async () => {
    const server = await startGuardedServer()
    const writer = asker(server, await tokenFor('ada', { a: 'write', b: 'read' }))
    expect((await writer('POST', PATH, { id: 'a', title: 'Mine' })).status).toBe(201)
    expect((await writer('POST', PATH, { id: 'b' })).status).toBe(403)
    expect((await writer('POST', PATH, {})).status).toBe(403)
    const prefixes = { 'team/': 'write', 'team/notes/': 'admin', x: 'read' }
    const member = asker(server, await token({ sub: 'ben', documents: {}, prefixes }))
    const made = await member('POST', PATH, { title: 'Ours' })
    expect(made.json['id']).toMatch(/^team\/[0-9a-f]{32}$/)
    expect(made.json['access']).toBe('write')
    expect((await member('POST', PATH, { id: '.a' })).status).toBe(400)
  })

  it('[A92] a list shows what its reader may read, in pages that add up, and says nothing of anything else', async () => {
    const server = await startGuardedServer()
    const admin = await operator(server)
    const ids = ['a1', 'a2', 'b1', 'b2', 'secret-x', 'a3']
    for (const id of ids) await admin('POST', PATH, { id, title: `Title of ${id.toUpperCase()}` })
    const newest = ids.toReversed()
    const everything = await pagesOf(admin, 'limit=2')
    expect(everything.ids).toEqual(newest)
    const readers = {
      'a prefix': { documents: {}, prefixes: { a: 'read' } },
      'named documents': { documents: { a1: 'read', a2: 'write', a3: 'admin', gone: 'read' } },
      'both, less one': {
        documents: { b1: 'none', b2: 'none' },
        prefixes: { a: 'read', b: 'read' },
      },
    }
    for (const [name, grants] of Object.entries(readers)) {
      const asks = asker(server, await token({ sub: 'ada', ...grants }))
      for (const limit of [1, 2, 3, 50]) {
        const { ids: seen, cursors } = await pagesOf(asks, `limit=${limit}`)
        expect(seen, name).toEqual(['a3', 'a2', 'a1'])
        for (const cursor of cursors) {
          expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toContain('secret')
        }
        expect(new Set(cursors.map(({ length }) => length)).size).toBeLessThan(2)
      }
      const found = await pagesOf(asks, 'search=TITLE%20OF%20A1')
      expect(found.ids).toEqual(['a1'])
      expect((await pagesOf(asks, 'search=secret')).ids).toEqual([])
    }
    const nobody = asker(server, await tokenFor('nina', {}))
    expect(await pagesOf(nobody, '')).toEqual({ ids: [], cursors: [] })
    expect((await admin('GET', `${PATH}?cursor=${'A'.repeat(391)}`)).status).toBe(400)
    expect((await admin('GET', `${PATH}?limit=201`)).status).toBe(400)
    expect((await admin('GET', `${PATH}?trashed=yes`)).status).toBe(400)
  })

  it('[A93] whose access was set otherwise since sees what that says, and a guest the document of the link', async () => {
    const server = await startGuardedServer()
    const admin = await operator(server)
    for (const id of ['doc', 'other', 'third']) await admin('POST', PATH, { id })
    const ada = await tokenFor('ada', { doc: 'write', other: 'read' })
    const seen = async (credential: string) =>
      (await pagesOf(asker(server, credential), '')).ids.toSorted()
    expect(await seen(ada)).toEqual(['doc', 'other'])
    const set = (document: string, access: string) =>
      admin('PUT', `${pathOf(document)}/access`, { subject: 'ada', access })
    await set('doc', 'none')
    await set('third', 'read')
    expect(await seen(ada)).toEqual(['other', 'third'])
    const link = await admin('POST', `${pathOf('other')}/links`, { access: 'read' })
    expect(await seen(String(link.json['token']))).toEqual(['other'])
  })
})

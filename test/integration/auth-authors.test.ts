import { connect } from '@coscribe/client'
import { LevelStore, MemoryStore } from '@coscribe/storage'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { docCondition, stockProvider } from '../support/clients.js'
import { append, contentOf, ID, running, storedBecomes } from '../support/crashing-server.js'
import { eventually } from '../support/eventually.js'
import { dialects, RawClient } from '../support/raw-client.js'
import { RestartableServer } from '../support/restartable-server.js'
import { SECRET, tokenFor } from '../support/tokens.js'

type Kind = 'a client of ours' | 'y-websocket 3.1.0'

/** Somebody with a token who writes in the document, by a real client. */
async function writer(url: string, sub: string, kind: Kind): Promise<Y.Doc> {
  const token = await tokenFor(sub, { [ID]: 'write' })
  if (kind === 'a client of ours') {
    const room = connect({ url, doc: ID, WebSocket, token })
    onTestFinished(() => room.destroy())
    await room.whenReady()
    return room.ydoc
  }
  const doc = new Y.Doc()
  const protocols = ['y-websocket', `coscribe.token.${token}`]
  const provider = stockProvider(kind, url, ID, doc, { protocols })
  onTestFinished(() => provider.destroy())
  await eventually('synced', () => provider.synced)
  return doc
}

/** Somebody with a token who does only what they are told. */
async function puppet(url: string, sub: string, dialect = dialects[1]!): Promise<RawClient> {
  const token = await tokenFor(sub, { [ID]: 'write' })
  const client = await RawClient.joined(url, ID, dialect, { token })
  onTestFinished(() => client.close())
  return client
}

/** An edit as this client, made by somebody who has what is in `doc`. */
function forged(doc: Y.Doc, clientId: number): Uint8Array {
  const forger = new Y.Doc()
  Y.applyUpdate(forger, Y.encodeStateAsUpdate(doc))
  forger.clientID = clientId
  append(forger, ' EVIL')
  return Y.encodeStateAsUpdate(forger, Y.encodeStateVector(doc))
}

function speak(client: RawClient): void {
  const awareness = new Awareness(client.doc)
  client.say({ type: 'presence', update: encodeAwarenessUpdate(awareness, [client.doc.clientID]) })
  awareness.destroy()
}

const kinds: Kind[] = ['a client of ours', 'y-websocket 3.1.0']

describe.each(kinds)('whoever writes with %s', (kind) => {
  it.each(dialects)(
    '[R98] is not written for by somebody else, who is told so (%s)',
    async (by) => {
      const server = await running(undefined, { authSecret: SECRET })
      const ada = await writer(server.url, 'ada', kind)
      const ben = await writer(server.url, 'ben', kind)
      append(ada, 'hello')
      await docCondition(ben, () => contentOf(ben) === 'hello')
      const eve = await puppet(server.url, 'eve', by)
      eve.say({ type: 'update', update: forged(eve.doc, ada.clientID) })
      await eve.sync()
      append(ada, ' world')
      await docCondition(ben, () => contentOf(ben) === 'hello world')
      await storedBecomes(server, 'hello world')
      if (by === 'y-websocket') await eve.until(() => eve.count('auth-denied') === 1)
      else await eve.until(() => eve.last('rejected')?.code === 'forged')
      append(ben, '!')
      await docCondition(ada, () => contentOf(ada) === 'hello world!')
      expect(eve.ending).toBeNull()
    },
  )
})

describe('an edit that a crash has lost', () => {
  it('[R95] comes back with whoever has it, and waits for its author only if that is here', async () => {
    const server = await running(undefined, { authSecret: SECRET })
    const ada = await puppet(server.url, 'ada')
    const token = await tokenFor('ben', { [ID]: 'write' })
    const ben = connect({ url: server.url, doc: ID, WebSocket, token })
    onTestFinished(() => ben.destroy())
    await ben.whenReady()
    server.faulty.hang()
    ada.edit((doc) => append(doc, 'lost'))
    await docCondition(ben.ydoc, () => contentOf(ben.ydoc) === 'lost')
    ben.disconnect()
    await server.crash()
    await server.start()
    expect(await server.stored()).toBe('')

    const back = await puppet(server.url, 'ada')
    Y.applyUpdate(back.doc, Y.encodeStateAsUpdate(ada.doc))
    back.doc.clientID = ada.doc.clientID
    speak(back)
    await back.sync()
    const asked = back.count('sync-step-1')
    ben.connect()
    await back.until(() => back.count('sync-step-1') > asked)
    expect(ben.status.save).not.toBe('saved')
    expect(await server.stored()).toBe('')
    back.say({ type: 'sync-step-2', update: Y.encodeStateAsUpdate(back.doc) })
    await ben.whenSaved()
    expect(await server.stored()).toBe('lost')
    expect(ben.status.error).toBeNull()
  })

  it('[R95] comes back at once when its author is gone, who finds it there', async () => {
    const server = await running(undefined, { authSecret: SECRET })
    const tokens = await Promise.all(['ada', 'ben'].map((sub) => tokenFor(sub, { [ID]: 'write' })))
    const [ada, ben] = tokens.map((token) =>
      connect({ url: server.url, doc: ID, WebSocket, token }),
    )
    for (const room of [ada!, ben!]) {
      onTestFinished(() => room.destroy())
      await room.whenReady()
    }
    server.faulty.hang()
    append(ada!.ydoc, 'lost')
    await docCondition(ben!.ydoc, () => contentOf(ben!.ydoc) === 'lost')
    ada!.disconnect()
    await server.crash()
    await server.start()
    await storedBecomes(server, 'lost')
    append(ada!.ydoc, ' and found')
    ada!.connect()
    await ada!.whenSaved()
    await ben!.whenSaved()
    expect(await server.stored()).toBe('lost and found')
    expect([ada!.status.error, ben!.status.error]).toEqual([null, null])
  })
})

/** The same content on a disk that does not say who wrote it. */
async function withoutAuthors(disk: MemoryStore): Promise<MemoryStore> {
  await disk.open()
  const { historyId, tail: updates } = (await disk.load(ID))!
  const forgetful = new MemoryStore()
  await forgetful.open()
  await forgetful.append([{ documentId: ID, historyId, firstSeq: 1, updates }])
  return forgetful
}

async function authorsOn(disk: Pick<MemoryStore, 'open' | 'load'>): Promise<Map<number, string>> {
  await disk.open()
  return new Map((await disk.load(ID))?.authors)
}

describe('whose a client id is', () => {
  it.each([false, true])(
    '[R107] is what it was after a crash, whoever comes first (control, when it was lost: %s)',
    async (isLost) => {
      const server = await running(undefined, { authSecret: SECRET })
      const token = await tokenFor('ada', { [ID]: 'write' })
      const ada = connect({ url: server.url, doc: ID, WebSocket, token })
      onTestFinished(() => ada.destroy())
      await ada.whenReady()
      const { clientID } = ada.ydoc
      append(ada.ydoc, 'hello')
      await ada.whenSaved()
      expect(await authorsOn(server.disk)).toEqual(new Map([[clientID, 'ada']]))
      ada.disconnect()
      await server.crash()
      await server.start(isLost ? await withoutAuthors(server.disk) : server.disk)

      const eve = await puppet(server.url, 'eve')
      const update = forged(eve.doc, clientID)
      eve.doc.clientID = clientID
      speak(eve)
      eve.say({ type: 'update', update })
      await eve.sync()
      ada.connect()
      if (isLost) await docCondition(ada.ydoc, () => contentOf(ada.ydoc) === 'hello EVIL')
      append(ada.ydoc, '!')
      await ada.whenSaved()
      if (!isLost) await eve.until(() => eve.last('rejected')?.code === 'forged')
      expect(await server.stored()).toBe(isLost ? 'hello EVIL!' : 'hello!')
      expect((await authorsOn(server.disk)).get(clientID)).toBe(isLost ? 'eve' : 'ada')
      expect((await authorsOn(server.disk)).get(ada.ydoc.clientID)).toBe('ada')
    },
  )

  it('[R108] is on disk for people, by whichever client, and for guests who can prove that they return', async () => {
    const server = await RestartableServer.started({ authSecret: SECRET })
    onTestFinished(() => server.remove())
    const clients = new Map<string, number>()
    const people = [
      ['ada', kinds[0]!],
      ['ben', kinds[1]!],
      ['link:ab12', kinds[0]!],
      ['link:cd34', kinds[1]!],
    ] as const
    for (const [sub, kind] of people) {
      const doc = await writer(server.url, sub, kind)
      append(doc, sub)
      clients.set(sub, doc.clientID)
    }
    const last = await puppet(server.url, 'cid')
    await eventually('all of it is there', () => contentOf(last.doc).length === 24)
    await server.stop()
    const store = new LevelStore({ path: server.folder })
    const authors = await authorsOn(store)
    await store.close()
    const whose = people.map(([sub]) => authors.get(clients.get(sub)!))
    expect(whose).toEqual(['ada', 'ben', expect.stringMatching(/^link:[\da-f]{16}$/), undefined])
    expect(authors.size).toBe(3)
  })
})

/** Somebody with a token and a real client, who can go on without a connection. */
interface Wanderer {
  readonly doc: Y.Doc
  leave(): void
  comeBack(): void
  /** Whether they were told that somebody else wrote something else as their client. */
  isTold(): boolean
  /** Whether they were told since they left that all of theirs is saved. */
  isSaved(): boolean
}

const TOLD = 'somebody else wrote something else as this client'

async function wanderer(url: string, sub: string, kind: Kind): Promise<Wanderer> {
  const token = await tokenFor(sub, { [ID]: 'write' })
  if (kind === 'a client of ours') {
    const room = connect({ url, doc: ID, WebSocket, token })
    onTestFinished(() => room.destroy())
    await room.whenReady()
    let isSaved = false
    room.on('save', (save) => (isSaved ||= save === 'saved'))
    return {
      doc: room.ydoc,
      leave: () => room.disconnect(),
      comeBack: () => room.connect(),
      isTold: () => room.status.error?.message === TOLD && room.status.save === 'unsaved',
      isSaved: () => isSaved,
    }
  }
  const doc = new Y.Doc()
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  onTestFinished(() => warn.mockRestore())
  const protocols = ['y-websocket', `coscribe.token.${token}`]
  const provider = stockProvider(kind, url, ID, doc, { protocols })
  onTestFinished(() => provider.destroy())
  await eventually('synced', () => provider.synced)
  return {
    doc,
    leave: () => provider.disconnect(),
    comeBack: () => provider.connect(),
    isTold: () => warn.mock.calls.some(([text]) => String(text).includes(TOLD)),
    isSaved: () => false,
  }
}

/** What somebody writes as this client who has seen nothing but its number. */
function firstWords(client: number, text: string): Uint8Array {
  const doc = new Y.Doc()
  doc.clientID = client
  append(doc, text)
  return Y.encodeStateAsUpdate(doc)
}

describe.each(kinds)(
  'whoever wrote offline with %s under a client that was shown before',
  (kind) => {
    it.each([
      ['as that client', true],
      ['as somebody who passes it on', false],
    ])(
      '[R115, R116, R117] is told when somebody else was there first, %s, and never that it is saved',
      async (_, squats) => {
        const server = await running(undefined, { authSecret: SECRET })
        const ada = await wanderer(server.url, 'ada', kind)
        const client = ada.doc.clientID
        const eve = await puppet(server.url, 'eve')
        await eve.until(() => eve.count('presence') > 0)
        ada.leave()
        append(ada.doc, 'mine')
        await server.crash()
        await server.start()
        const again = await puppet(server.url, 'eve')
        if (squats) again.doc.clientID = client
        speak(again)
        again.say({ type: 'update', update: firstWords(client, 'EVIL') })
        await storedBecomes(server, 'EVIL')
        expect((await authorsOn(server.disk)).get(client)).toBe(squats ? 'eve' : undefined)
        await server.crash()
        await server.start()
        ada.comeBack()
        await eventually('Ada was told', () => ada.isTold())
        expect([ada.isSaved(), contentOf(ada.doc), await server.stored()]).toEqual([
          false,
          'mine',
          'EVIL',
        ])
      },
    )

    it('[R115] control: is told nothing when somebody brought the same', async () => {
      const server = await running(undefined, { authSecret: SECRET })
      const ada = await wanderer(server.url, 'ada', kind)
      ada.leave()
      append(ada.doc, 'mine')
      const eve = await puppet(server.url, 'eve')
      speak(eve)
      eve.say({ type: 'update', update: firstWords(ada.doc.clientID, 'mine') })
      await storedBecomes(server, 'mine')
      await server.crash()
      await server.start()
      ada.comeBack()
      append(ada.doc, '!')
      await storedBecomes(server, 'mine!')
      if (kind === 'a client of ours') await eventually('saved', () => ada.isSaved())
      expect(ada.isTold()).toBe(false)
    })
  },
)

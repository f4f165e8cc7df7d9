import { connect, type Room } from '@coscribe/client'
import { LevelStore } from '@coscribe/storage'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { docCondition, stockClient, type TestClient } from './clients.js'
import { RawClient } from './raw-client.js'
import { clientsOf, stateHash } from './replica-state.js'
import type { ServerProcess } from './test-server.js'

/** The document that is attacked. */
export const ATTACKED = 'attacked'

/** Two people, one with our client and one with a stock one, and what nobody else may change. */
export class People {
  readonly server: Pick<ServerProcess, 'url'>
  readonly ann: Room
  readonly ben: TestClient
  #words = 0

  private constructor(server: Pick<ServerProcess, 'url'>, documentId: string) {
    this.server = server
    this.ann = connect({ url: server.url, doc: documentId, WebSocket })
    this.ben = stockClient('y-websocket 3.1.0', server.url, documentId)
    onTestFinished(() => {
      this.ann.destroy()
      this.ben.destroy()
    })
  }

  static async in(server: Pick<ServerProcess, 'url'>, documentId = ATTACKED): Promise<People> {
    const people = new People(server, documentId)
    await people.ann.whenReady()
    await people.talk()
    return people
  }

  /** Each writes a word; the other sees it, and ours hears that it is saved. */
  async talk(): Promise<void> {
    await this.say(this.ann.ydoc, this.ben.doc)
    await this.say(this.ben.doc, this.ann.ydoc)
    await this.ann.whenSaved()
  }

  /** Everything said so far is on disk: what ours says last is acknowledged after all before it. */
  async saved(): Promise<void> {
    await this.say(this.ann.ydoc, this.ben.doc)
    await this.ann.whenSaved()
  }

  async say(from: Y.Doc, to: Y.Doc): Promise<void> {
    const word = `<${++this.#words}>`
    const content = from.getText('content')
    content.insert(content.length, word)
    await docCondition(to, () => to.getText('content').toString().includes(word))
  }

  /** Everything that is wrong with the document, seen by these two and by a newcomer. */
  async damage(): Promise<string[]> {
    const wrong: string[] = []
    const { ydoc } = this.ann
    const newcomer = await RawClient.joined(this.server.url, ATTACKED, 'coscribe.v1')
    const hashes = [ydoc, this.ben.doc, newcomer.doc].map(stateHash)
    newcomer.close()
    if (new Set(hashes).size > 1) wrong.push('the replicas differ')
    const expected = Array.from({ length: this.#words }, (_, i) => `<${i + 1}>`).join('')
    if (ydoc.getText('content').toString() !== expected) wrong.push('the text is another one')
    const strangers = clientsOf(ydoc).filter(
      (id) => id !== ydoc.clientID && id !== this.ben.doc.clientID,
    )
    if (strangers.length > 0) wrong.push(`structs of ${strangers.join()}`)
    return wrong
  }
}

/** The stored state, read while no server and no client is there. */
export async function storedDoc(folder: string, documentId: string): Promise<Y.Doc> {
  const store = new LevelStore({ path: folder })
  await store.open()
  const stored = await store.load(documentId).finally(() => store.close())
  const doc = new Y.Doc()
  for (const update of [...(stored?.snapshot?.parts ?? []), ...(stored?.tail ?? [])]) {
    Y.applyUpdate(doc, update)
  }
  return doc
}

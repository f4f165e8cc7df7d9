import { connect, type Room } from '@coscribe/client'
import { createServer, type CoscribeServer, type ServerSetup } from '@coscribe/server'
import { CoscribeError } from '@coscribe/shared'
import { MemoryStore } from '@coscribe/storage'
import { expect, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { docCondition } from './clients.js'
import { eventually } from './eventually.js'
import { FaultyStore, storedUpdates } from './faulty-store.js'
import { RawClient } from './raw-client.js'

/** The document that all of this is about. */
export const ID = 'the plan'

/** One server after another at the same address, each with what the disk held when the one before crashed. */
export class Crashing {
  disk: MemoryStore
  faulty: FaultyStore
  #server: CoscribeServer | null = null
  #port = 0
  readonly #setup: ServerSetup

  constructor(disk = new MemoryStore(), setup: ServerSetup = {}) {
    this.disk = disk
    this.faulty = new FaultyStore(disk)
    this.#setup = setup
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`
  }

  async start(disk = this.disk): Promise<void> {
    this.disk = disk
    this.faulty = new FaultyStore(disk)
    this.#server = createServer({
      logLevel: 'silent',
      stopTimeoutMs: 100,
      ...this.#setup,
      port: this.#port,
      store: this.faulty,
    })
    this.#port = (await this.#server.start()).port
  }

  /** What was not on disk is gone; the sockets break. */
  async crash(): Promise<void> {
    this.faulty.hang()
    await this.#server?.stop().catch(expectUnsaved)
    this.#server = null
  }

  async stored(id = ID): Promise<string> {
    return textOf(await storedUpdates(this.disk, id))
  }
}

/** A stop with edits that are not on disk says so; here that is the point. */
function expectUnsaved(error: unknown): void {
  if (!(error instanceof CoscribeError && error.code === 'storage-unavailable')) throw error
}

/** A server that runs until its test is over. */
export async function running(disk?: MemoryStore, setup?: ServerSetup): Promise<Crashing> {
  const server = new Crashing(disk, setup)
  await server.start()
  onTestFinished(() => server.crash())
  return server
}

function textOf(updates: readonly Uint8Array[]): string {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)
  expect([doc.store.pendingStructs, doc.store.pendingDs]).toEqual([null, null])
  return contentOf(doc)
}

export function contentOf(doc: Y.Doc): string {
  return doc.getText('content').toString()
}

export function append(doc: Y.Doc, text: string): void {
  doc.getText('content').insert(doc.getText('content').length, text)
}

/** Somebody with our client who has the document. */
export async function person(server: Crashing): Promise<Room> {
  const room = connect({ url: server.url, doc: ID, WebSocket })
  onTestFinished(() => room.destroy())
  await room.whenReady()
  return room
}

/** A client that does only what it is told, not connected yet. */
export async function raw(server: Crashing): Promise<RawClient> {
  const client = new RawClient(server.url, ID, 'coscribe.v1')
  onTestFinished(() => client.close())
  return client
}

/** Resolves when a replica has this text. */
export async function sees(doc: Y.Doc, text: string): Promise<void> {
  await docCondition(doc, () => contentOf(doc) === text)
}

/** Resolves when the disk has this text. */
export async function storedBecomes(server: Crashing, text: string): Promise<void> {
  let stored = ''
  const look = async (): Promise<void> => {
    stored = await server.stored()
  }
  const timer = setInterval(() => void look(), 10)
  try {
    await eventually(`"${text}" is stored`, () => stored === text)
  } finally {
    clearInterval(timer)
  }
}

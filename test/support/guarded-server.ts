import { systemClock } from '@coscribe/shared'
import { MemoryStore, type StoredDocument } from '@coscribe/storage'
import type { CoscribeServer, ServerSetup } from '@coscribe/server'
import { startTestServer } from './test-server.js'
import { SECRET } from './tokens.js'

/** A store that notes which documents were looked at. */
class WatchedStore extends MemoryStore {
  readonly loaded: string[] = []

  override load(documentId: string): Promise<StoredDocument | undefined> {
    this.loaded.push(documentId)
    return super.load(documentId)
  }
}

/** A server that asks for tokens, with clocks that a test can put forward. */
export interface GuardedServer {
  readonly server: CoscribeServer
  readonly url: string
  readonly port: number
  /** Ids of the documents it has looked at, in order. */
  readonly loaded: readonly string[]
  /** Every byte it has of a document. */
  readonly stored: (documentId: string) => Promise<string>
  /** Lets wall time jump. */
  readonly forward: (ms: number) => void
  /** Lets time pass at once, by every clock; timers do not notice. */
  readonly pass: (ms: number) => void
}

export async function startGuardedServer(setup: ServerSetup = {}): Promise<GuardedServer> {
  const store = new WatchedStore()
  let ahead = 0
  let passed = 0
  const clock = {
    ...systemClock,
    now: () => systemClock.now() + passed,
    wallTime: () => systemClock.wallTime() + passed + ahead,
  }
  const secret = setup.authWebhookUrl === undefined ? { authSecret: SECRET } : {}
  const server = await startTestServer({ ...secret, store, clock, ...setup })
  return {
    server,
    url: server.url,
    port: Number(new URL(server.url).port),
    loaded: store.loaded,
    stored: async (documentId) => {
      const document = await MemoryStore.prototype.load.call(store, documentId)
      const bytes = [...(document?.snapshot?.parts ?? []), ...(document?.tail ?? [])]
      return bytes.map((part) => Buffer.from(part).toString('hex')).join(' ')
    },
    forward: (ms) => {
      ahead += ms
    },
    pass: (ms) => {
      passed += ms
    },
  }
}

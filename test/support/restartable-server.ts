import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type CoscribeServer, type ServerSetup } from '@coscribe/server'
import { LevelStore } from '@coscribe/storage'
import * as Y from 'yjs'

/** A server on a folder of its own that comes back at the same address with what is on its disk. */
export class RestartableServer {
  readonly folder = mkdtempSync(join(tmpdir(), 'coscribe-stock-'))
  readonly #setup: ServerSetup
  #server: CoscribeServer | null = null
  #port = 0

  constructor(setup: ServerSetup = {}) {
    this.#setup = { logLevel: 'silent', ...setup }
  }

  static async started(setup: ServerSetup = {}): Promise<RestartableServer> {
    const server = new RestartableServer(setup)
    await server.start()
    return server
  }

  get port(): number {
    return this.#port
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`
  }

  async start(): Promise<void> {
    this.#server = createServer({ ...this.#setup, port: this.#port, data: this.folder })
    this.#port = (await this.#server.start()).port
  }

  async stop(): Promise<void> {
    await this.#server?.stop()
    this.#server = null
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** What is on disk, put together by yjs; only while the server is stopped. */
  async storedDoc(documentId: string): Promise<Y.Doc> {
    const doc = new Y.Doc()
    await this.#withStore(async (store) => {
      const stored = await store.load(documentId)
      for (const update of [...(stored?.snapshot?.parts ?? []), ...(stored?.tail ?? [])]) {
        Y.applyUpdate(doc, update)
      }
    })
    return doc
  }

  /** Ids of all documents on disk; only while the server is stopped. */
  async storedIds(): Promise<readonly string[]> {
    return this.#withStore(async (store) => (await store.list({ limit: 1_000 })).ids)
  }

  /** Hands the store of the stopped server to `use`. */
  async #withStore<Result>(use: (store: LevelStore) => Promise<Result>): Promise<Result> {
    const store = new LevelStore({ path: this.folder })
    await store.open()
    try {
      return await use(store)
    } finally {
      await store.close()
    }
  }
}

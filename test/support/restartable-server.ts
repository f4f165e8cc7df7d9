import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type CoscribeServer, type ServerSetup } from '@coscribe/server'
import { LevelStore } from '@coscribe/storage'
import type * as Y from 'yjs'
import { storedDoc } from './people.js'
import { STOP_MS } from './test-server.js'

/** A server that comes back at the same address with what is on its disk. */
export class RestartableServer {
  readonly folder: string
  readonly #setup: ServerSetup
  #server: CoscribeServer | null = null
  #port = 0

  constructor(setup: ServerSetup = {}) {
    this.folder = setup.data ?? mkdtempSync(join(tmpdir(), 'coscribe-stock-'))
    this.#setup = { logLevel: 'silent', stopTimeoutMs: STOP_MS, ...setup }
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
  storedDoc(documentId: string): Promise<Y.Doc> {
    return storedDoc(this.folder, documentId)
  }

  /** Ids of all documents on disk; only while the server is stopped. */
  async storedIds(): Promise<readonly string[]> {
    const store = new LevelStore({ path: this.folder })
    await store.open()
    const page = await store.list({ limit: 1_000 })
    await store.close()
    return page.ids
  }
}

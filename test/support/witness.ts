import { expect } from 'vitest'
import { CANARY } from './canary.js'
import { RawClient } from './raw-client.js'
import type { ServerProcess } from './test-server.js'

/** Two people who write to each other in the document under attack, whatever happens to others. */
export class Witness {
  readonly a: RawClient
  readonly b: RawClient
  #edits = 0
  readonly #server: ServerProcess

  private constructor(server: ServerProcess, a: RawClient, b: RawClient) {
    this.#server = server
    this.a = a
    this.b = b
  }

  static async at(server: ServerProcess): Promise<Witness> {
    const a = await RawClient.joined(server.url, 'doc', 'coscribe.v1')
    const b = await RawClient.joined(server.url, 'doc', 'y-websocket')
    a.edit((doc) => doc.getText('told to nobody').insert(0, CANARY))
    return new Witness(server, a, b)
  }

  /** The process lives, nobody was disturbed, nothing entered the document, and nothing was logged as a mistake. */
  async check(): Promise<void> {
    this.#edits++
    this.a.edit((doc) => doc.getText('t').insert(0, 'w'))
    await this.b.until(() => this.b.doc.getText('t').length === this.#edits)
    // The canary was the first of its edits.
    await this.a.until(() => this.a.acked === this.#edits + 1)
    expect([this.a.ending, this.b.ending, this.#server.process.exitCode]).toEqual([
      null,
      null,
      null,
    ])
    expect(this.b.doc.store.clients.size).toBe(1)
    expect(this.#server.log()).toBe('')
  }
}

import { onTestFinished } from 'vitest'
import { TcpProxy } from './tcp-proxy.js'
import { spawnServer, type ServerProcess } from './test-server.js'

/** A server process that can be killed and comes back at its address, and a weak line to it beside the good one. */
export class Network {
  readonly #folder: string
  readonly #proxy: TcpProxy
  #server: ServerProcess

  private constructor(folder: string, server: ServerProcess, proxy: TcpProxy) {
    this.#folder = folder
    this.#server = server
    this.#proxy = proxy
  }

  static async open(folder: string): Promise<Network> {
    const server = await spawnServer({ data: folder, logLevel: 'silent' })
    const proxy = await TcpProxy.open(server.port)
    onTestFinished(() => proxy.close())
    return new Network(folder, server, proxy)
  }

  get url(): string {
    return this.#server.url
  }

  /** The same server, by the line that can be lost. */
  get weakUrl(): string {
    return `http://127.0.0.1:${this.#proxy.port}`
  }

  /** The weak line loses its connections, and the server does not hear of it. */
  loseClients(): void {
    this.#proxy.loseClients()
  }

  /** The weak line is gone: nobody comes through, and the server does not hear of those it loses. */
  goDown(): void {
    this.#proxy.goDown()
  }

  comeUp(): void {
    this.#proxy.comeUp()
  }

  async killServer(): Promise<void> {
    await this.#server.kill('SIGKILL')
  }

  async restartServer(): Promise<void> {
    const { port } = this.#server
    this.#server = await spawnServer({ data: this.#folder, logLevel: 'silent', port })
  }
}

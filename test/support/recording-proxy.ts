import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** Stands between some clients and a server, and keeps every byte that the server sends them. */
export class RecordingProxy {
  readonly #listener: Server
  readonly #sockets = new Set<Socket>()
  readonly #recorded: Buffer[] = []
  /** May change when the server comes back elsewhere. */
  targetPort: number

  private constructor(listener: Server, targetPort: number) {
    this.#listener = listener
    this.targetPort = targetPort
    listener.on('connection', (client) => this.#link(client))
  }

  /** Listens on a free port and forwards to `targetPort`, both on loopback. */
  static async open(targetPort: number): Promise<RecordingProxy> {
    const listener = createServer()
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    return new RecordingProxy(listener, targetPort)
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Everything the server sent this way, connections behind each other in no order. */
  get recorded(): Buffer {
    return Buffer.concat(this.#recorded)
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#listener.close()
  }

  #link(client: Socket): void {
    const server = connect(this.targetPort, '127.0.0.1')
    client.pipe(server)
    server.pipe(client)
    server.on('data', (bytes: Buffer) => this.#recorded.push(Buffer.from(bytes)))
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      const end = (): void => {
        client.destroy()
        server.destroy()
      }
      socket.on('error', end)
      socket.on('close', end)
    }
  }
}

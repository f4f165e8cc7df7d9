import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

interface Link {
  readonly client: Socket
  readonly server: Socket
}

/** A network between clients and a server on this machine, that can lose connections in the ways real ones do. */
export class TcpProxy {
  readonly #listener: Server
  readonly #links = new Set<Link>()
  readonly #halfOpen = new Set<Socket>()
  readonly #targetPort: number
  #down = false

  private constructor(listener: Server, targetPort: number) {
    this.#listener = listener
    this.#targetPort = targetPort
    listener.on('connection', (client) => this.#link(client))
  }

  /** Listens on a free port and forwards to `targetPort`, both on loopback. */
  static async open(targetPort: number): Promise<TcpProxy> {
    const listener = createServer()
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    return new TcpProxy(listener, targetPort)
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port
  }

  /** Connections to the server that it has no way of knowing to be lost. */
  get halfOpenCount(): number {
    let open = 0
    for (const socket of this.#halfOpen) if (!socket.destroyed) open += 1
    return open
  }

  /**
   * Clients see their connections end; the server sees silence: no FIN, no reset, and nothing it sends is read. New
   * connections are forwarded.
   *
   * @param onlyPort loses the one client whose end of the connection has this port
   */
  loseClients(onlyPort?: number): void {
    for (const link of this.#links) {
      const { client, server } = link
      if (onlyPort !== undefined && client.remotePort !== onlyPort) continue
      this.#links.delete(link)
      client.unpipe(server)
      server.unpipe(client)
      server.pause()
      this.#halfOpen.add(server)
      client.destroy()
    }
  }

  /** Loses all clients, and whoever comes meanwhile, until it is up again. */
  goDown(): void {
    this.#down = true
    this.loseClients()
  }

  comeUp(): void {
    this.#down = false
  }

  /** The server learns of the losses at last. */
  endHalfOpen(): void {
    for (const socket of this.#halfOpen) socket.destroy()
    this.#halfOpen.clear()
  }

  /** Both ends see their connections end. */
  cut(): void {
    for (const { client, server } of this.#links) {
      client.destroy()
      server.destroy()
    }
    this.#links.clear()
  }

  async close(): Promise<void> {
    this.cut()
    this.endHalfOpen()
    this.#listener.close()
    await once(this.#listener, 'close')
  }

  #link(client: Socket): void {
    if (this.#down) return void client.destroy()
    const server = connect(this.#targetPort, '127.0.0.1')
    const link = { client, server }
    this.#links.add(link)
    client.setNoDelay(true)
    server.setNoDelay(true)
    client.pipe(server)
    server.pipe(client)
    // A lost link is what this is for: whichever end goes first, the other follows, unless it is half open.
    const end = (): void => {
      if (!this.#links.delete(link)) return
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) {
      socket.on('error', end)
      socket.on('close', end)
    }
  }
}

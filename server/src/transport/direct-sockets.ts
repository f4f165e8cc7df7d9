import type { Socket } from 'node:net'
import { networkOf, type TrustedProxies } from './client-address.js'
import { Headcount } from './headcount.js'
import { isLoopbackHost } from './loopback.js'

/** Sockets of an address above its limit on connections, so that those who want one more can be told why not. */
const SPARE_SOCKETS = 64

const counted = Symbol('network')
type CountedSocket = Socket & { [counted]?: { readonly network: string; readonly by: Headcount } }

/**
 * The sockets of those who are no proxy, from the moment at which they connect: who asks for nothing, or never comes to
 * the end of it, has no connection that could be counted and takes a place all the same.
 */
export class DirectSockets {
  readonly #proxies: TrustedProxies
  readonly #counts: Headcount

  /** @param most connections of one address */
  constructor(most: number, proxies: TrustedProxies) {
    this.#proxies = proxies
    this.#counts = new Headcount(most + SPARE_SOCKETS)
  }

  /** Addresses of which there is a socket. */
  get size(): number {
    return this.#counts.size
  }

  /** Listener of the HTTP server's `connection` event: one too many is dropped without a word. */
  readonly onConnection = (socket: Socket): void => {
    const address = this.#proxies.directAddress(socket)
    if (address === null || isLoopbackHost(address)) return
    const network = networkOf(address)
    if (!this.#counts.enter(network)) {
      socket.destroy()
      return
    }
    // A closed socket has no address any more.
    ;(socket as CountedSocket)[counted] = { network, by: this.#counts }
    socket.once('close', uncount)
  }
}

function uncount(this: Socket): void {
  const count = (this as CountedSocket)[counted]
  count?.by.leave(count.network)
}

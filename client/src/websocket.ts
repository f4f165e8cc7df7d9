import { shown } from './mistakes.js'

/**
 * The few members the client uses of a WebSocket: a browser's own class and the class of the `ws` package both have
 * them.
 */
export interface SocketLike {
  binaryType: string
  /** The subprotocol the server chose. */
  readonly protocol: string
  /** Bytes given to `send` that have not left yet. */
  readonly bufferedAmount: number
  addEventListener(type: 'open' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: SocketMessage) => void): void
  addEventListener(type: 'close', listener: (event: SocketClose) => void): void
  send(data: Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  /** Ends the socket without a handshake; only `ws` has it. */
  terminate?(): void
}

/** A WebSocket class. */
export type SocketClass = new (url: string, protocols: string[]) => SocketLike

/** What the client reads of a message event. */
export interface SocketMessage {
  readonly data: unknown
}

/** What the client reads of a close event. */
export interface SocketClose {
  readonly code: number
  readonly reason: string
}

/** Whether the machine has a network, as far as it knows; loopback works without one. */
export interface Network {
  readonly online: boolean
  /** Calls `listener` after `online` changed, until the returned function is called. */
  subscribe(listener: () => void): () => void
}

interface Host {
  readonly WebSocket?: SocketClass
  readonly navigator?: { readonly onLine?: boolean }
  readonly location?: { readonly href: string }
  addEventListener?(type: string, listener: () => void): void
  removeEventListener?(type: string, listener: () => void): void
}

const host = globalThis as unknown as Host

/** @throws TypeError where there is no global WebSocket and none was given */
export function socketClass(given: SocketClass | undefined): SocketClass {
  const found = given ?? host.WebSocket
  if (found === undefined) {
    throw new TypeError(
      "there is no global WebSocket here: pass one, as in connect({ …, WebSocket }) with the class of 'ws'",
    )
  }
  return found
}

/** An absolute WebSocket address; in a page `url` may be relative, and http stands for ws. */
export function socketUrl(url: string): string {
  let parsed: URL
  try {
    parsed = new URL(url, host.location?.href)
  } catch (cause) {
    const example = "a whole address such as 'ws://127.0.0.1:1234' (a page may give a relative one)"
    throw new TypeError(`url is ${example}, got ${shown(url)}`, { cause })
  }
  parsed.protocol = parsed.protocol.replace(/^http/, 'ws')
  parsed.hash = ''
  if (parsed.protocol !== 'ws:' && parsed.protocol !== 'wss:') {
    throw new TypeError(`url begins with ws:, wss:, http: or https:, got ${shown(url)}`)
  }
  return parsed.href
}

/** The browser's idea of the network; always online where nobody says otherwise. */
export const hostNetwork: Network = {
  get online() {
    return host.navigator?.onLine !== false
  },
  subscribe(listener) {
    host.addEventListener?.('online', listener)
    host.addEventListener?.('offline', listener)
    return () => {
      host.removeEventListener?.('online', listener)
      host.removeEventListener?.('offline', listener)
    }
  },
}

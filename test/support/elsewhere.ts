import { WebSocket, type ClientOptions } from 'ws'
import type { ServerSetup } from '@coscribe/server'
import { startGuardedServer, type GuardedServer } from './guarded-server.js'

/** A server behind a proxy on this machine, which says where each request came from. */
export function startProxied(setup: ServerSetup = {}): Promise<GuardedServer> {
  return startGuardedServer({ trustedProxies: '127.0.0.1', ...setup })
}

/** WebSockets of somebody at `address`, as they come through that proxy; with a token, if it is given, in a header. */
export function socketsFrom(address: string, token?: string): typeof globalThis.WebSocket {
  const headers: Record<string, string> = { 'X-Forwarded-For': address }
  if (token !== undefined) headers['Authorization'] = `Bearer ${token}`
  const options: ClientOptions = { headers }
  class FromElsewhere extends WebSocket {
    constructor(url: string, protocols: string[] = []) {
      super(url, protocols, options)
    }
  }
  return FromElsewhere as unknown as typeof globalThis.WebSocket
}

/** The numbers a server tells, by name and label. */
export async function numbersOf(url: string): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ')
      return [line.slice(0, end), Number(line.slice(end + 1))]
    }),
  )
}

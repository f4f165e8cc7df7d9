import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Registry } from '../metrics/registry.js'
import type { TrustedProxies } from '../transport/client-address.js'
import { isLoopbackHostHeader } from '../transport/loopback.js'
import type { RequestTarget } from '../transport/request-target.js'
import { alwaysHeaders, respondText } from './respond.js'

export interface MetricsPageSetup {
  readonly registry: Registry
  /** Who may read it; see the option `metrics`. */
  readonly readers: 'loopback' | 'off' | 'on'
  readonly proxies: TrustedProxies
}

/**
 * The numbers of the server at `/metrics`. By default for programs on this machine only: what a proxy has sent on is not
 * theirs, nor is the request of a page that has another name for this server.
 */
export class MetricsPage {
  readonly #setup: MetricsPageSetup

  constructor(setup: MetricsPageSetup) {
    this.#setup = setup
  }

  respond(request: IncomingMessage, response: ServerResponse, target: RequestTarget): void {
    // Nobody else learns that there is something.
    if (!this.#mayRead(request, target)) return respondText(response, 404, 'nothing here')
    const text = this.#setup.registry.print()
    response.writeHead(200, {
      ...alwaysHeaders,
      'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
      'Content-Length': Buffer.byteLength(text),
    })
    response.end(text)
  }

  #mayRead(request: IncomingMessage, { host }: RequestTarget): boolean {
    const { readers, proxies } = this.#setup
    if (readers !== 'loopback') return readers === 'on'
    return isLoopbackHostHeader(host) && proxies.clientOf(request).local
  }
}

/**
 * What a server without authentication accepts. Any page in any browser on this machine can open a WebSocket to
 * 127.0.0.1, and a hostile name server can make any host name mean 127.0.0.1 ("DNS rebinding"): so both the page's
 * origin and the name it used for this server must be loopback.
 */

const LOOPBACK_V4 = /^127(?:\.\d{1,3}){3}$/
const HOST_AND_PORT = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::\d{1,5})?$/

/** Whether an address or host name, with or without brackets, is this machine's loopback. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '')
  return (
    name === 'localhost' || name.endsWith('.localhost') || name === '::1' || LOOPBACK_V4.test(name)
  )
}

/** Whether a `Host` header names loopback; a missing one does not. */
export function isLoopbackHostHeader(header: string | undefined): boolean {
  const host = HOST_AND_PORT.exec((header ?? '').toLowerCase())?.[1]
  return host !== undefined && isLoopbackHost(host)
}

/** Whether an `Origin` header is that of a page served from loopback. */
export function isLoopbackOrigin(header: string): boolean {
  const host = /^https?:\/\/([^/@]+)$/.exec(header.toLowerCase())?.[1]
  return isLoopbackHostHeader(host)
}

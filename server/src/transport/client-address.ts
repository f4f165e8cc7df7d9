import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv6, type Socket } from 'node:net'
import { CoscribeError } from '@coscribe/shared'
import { isLoopbackHost } from './loopback.js'

/** Who sent a request, as far as the network says. */
export interface ClientAddress {
  /** An IPv4 or IPv6 address; an IPv4 address in IPv6 form is written as IPv4. Empty when the socket is gone. */
  readonly address: string
  /** Whether the request reached the first proxy, or this server, by https. */
  readonly secure: boolean
  /** Whether it comes from a program on this machine, and not through a proxy on it. */
  readonly local: boolean
}

/** Headers by which a proxy says that the request is somebody else's. */
const FORWARDING = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'forwarded', 'via']
/** More proxies than these stand behind each other nowhere. */
const MAX_HOPS = 32

/**
 * The proxies whose word about their clients counts. What a request says of its own way is otherwise ignored: anybody
 * can write such headers.
 */
export class TrustedProxies {
  readonly #trusted: BlockList
  /** Most servers have none, and looking an address up in a list costs as much as all else that is done with it. */
  readonly #isEmpty: boolean

  /** @param trusted addresses of proxies; see {@link trustedProxiesFrom} */
  constructor(trusted: BlockList) {
    this.#trusted = trusted
    this.#isEmpty = trusted.rules.length === 0
  }

  /** Who sent this request. */
  clientOf(request: IncomingMessage): ClientAddress {
    const peer = plainAddress(request.socket.remoteAddress ?? '') ?? ''
    const proxied = this.#isTrusted(peer)
    return {
      address: proxied ? this.#forwardedFor(request, peer) : peer,
      secure: 'encrypted' in request.socket || (proxied && forwardedProto(request) === 'https'),
      local: !proxied && isLoopbackHost(peer) && !wasForwarded(request),
    }
  }

  /** Whether the request reached the first proxy, or this server, by https: then a cookie may be `Secure`. */
  isSecure(request: IncomingMessage): boolean {
    return this.clientOf(request).secure
  }

  /** Whether the request carries words of a proxy that is not one of these. */
  isUnknownProxy(request: IncomingMessage): boolean {
    return (
      wasForwarded(request) &&
      !this.#isTrusted(plainAddress(request.socket.remoteAddress ?? '') ?? '')
    )
  }

  /** The address at the other end of a socket; `null` when it is that of a trusted proxy, or unknown. */
  directAddress(socket: Socket): string | null {
    const peer = plainAddress(socket.remoteAddress ?? '')
    return peer === null || this.#isTrusted(peer) ? null : peer
  }

  /**
   * Each proxy appends whom it was asked by: read from the right, the first address that is no trusted proxy is the
   * last thing that was not said by the client itself. Nothing to the left of what is no address is believed.
   */
  #forwardedFor(request: IncomingMessage, peer: string): string {
    const hops = listOf(request, 'x-forwarded-for')
    let nearest = peer
    for (const hop of hops.toReversed().slice(0, MAX_HOPS)) {
      const address = plainAddress(hop)
      if (address === null) return nearest
      nearest = address
      if (!this.#isTrusted(address)) return nearest
    }
    return nearest
  }

  #isTrusted(address: string): boolean {
    if (this.#isEmpty || isIP(address) === 0) return false
    return this.#trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
  }
}

/**
 * The proxies in a list of addresses and networks with commas, such as `127.0.0.1, 10.0.0.0/8`.
 *
 * @param flag the option's name, for the message
 * @throws CoscribeError `bad-option`
 */
export function trustedProxiesFrom(list: string, flag: string): TrustedProxies {
  const trusted = new BlockList()
  for (const entry of list.split(',').map((text) => text.trim())) {
    if (entry !== '' && !addTo(trusted, entry)) {
      const message = `${flag} takes addresses and networks such as 10.0.0.0/8, got "${entry}"`
      throw new CoscribeError('bad-option', message)
    }
  }
  return new TrustedProxies(trusted)
}

/**
 * What limits per address count by: an IPv4 address, or the first 64 bits of an IPv6 address, since nobody has fewer
 * than all the others.
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('::')
  const front = groupsOf(head)
  const back = tail === undefined ? [] : groupsOf(tail)
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length
  const groups = [...front, ...Array.from({ length: zeros }, () => '0'), ...back]
  return `${groups
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

/** An IPv4 tail counts as two groups, and is never among the first four. */
function groupsOf(part: string): string[] {
  if (part === '') return []
  return part.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]))
}

function addTo(trusted: BlockList, entry: string): boolean {
  const [, network = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? []
  const bits = isIP(network) === 4 ? 32 : 128
  const length = prefix === undefined ? bits : Number(prefix)
  if (isIP(network) === 0 || length > bits) return false
  trusted.addSubnet(network, length, bits === 32 ? 'ipv4' : 'ipv6')
  return true
}

/** An address as it stands in a socket or a header: perhaps with a port, brackets, a zone or as IPv4 in IPv6; or `null`. */
function plainAddress(text: string): string | null {
  const [, bracketed, withPort] = /^\[([^\]]+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(text) ?? []
  const bare = (bracketed ?? withPort ?? text).replace(/%.*$/, '')
  const address = /^::ffff:([\d.]+)$/i.exec(bare)?.[1] ?? bare
  return isIP(address) === 0 ? null : address
}

/** The nearest proxy wrote the last entry; what stands before it may be the client's own invention. */
function forwardedProto(request: IncomingMessage): string | undefined {
  return listOf(request, 'x-forwarded-proto').at(-1)?.toLowerCase()
}

function wasForwarded({ headers }: IncomingMessage): boolean {
  return FORWARDING.some((name) => headers[name] !== undefined)
}

/** The entries of a header that was sent once or several times, which Node joins. */
function listOf({ headers }: IncomingMessage, name: string): string[] {
  const value = headers[name]
  const text = Array.isArray(value) ? value.join(',') : (value ?? '')
  return text === '' ? [] : text.split(',').map((entry) => entry.trim())
}

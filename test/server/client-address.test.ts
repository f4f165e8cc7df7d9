import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { CoscribeError } from '@coscribe/shared'
import { describe, expect, it } from 'vitest'
import { DirectSockets } from '../../server/src/transport/direct-sockets.js'
import { networkOf, trustedProxiesFrom } from '../../server/src/transport/client-address.js'

function requestFrom(peer: string, headers: Record<string, string> = {}): IncomingMessage {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: peer })
  const request = new IncomingMessage(socket)
  Object.assign(request.headers, headers)
  return request
}

/** The client's address when `proxies` are trusted. */
function clientOf(proxies: string, peer: string, forwardedFor: string): string {
  const request = requestFrom(peer, { 'x-forwarded-for': forwardedFor })
  return trustedProxiesFrom(proxies, '--trusted-proxies').clientOf(request).address
}

describe('sockets', () => {
  it('[B32] are counted by address before they ask for anything, but for proxies and this machine', () => {
    const proxies = trustedProxiesFrom('10.0.0.1', '--trusted-proxies')
    const direct = new DirectSockets(1, proxies)
    const arrive = (peer: string, count: number): Socket[] =>
      Array.from({ length: count }, () => {
        const { socket } = requestFrom(peer)
        direct.onConnection(socket)
        return socket
      })
    const all = [
      ...arrive('::ffff:203.0.113.7', 70),
      ...arrive('203.0.113.8', 1),
      ...arrive('10.0.0.1', 100),
      ...arrive('127.0.0.1', 100),
    ]
    expect(all.filter(({ destroyed }) => destroyed).length).toBe(5)
    expect(direct.size).toBe(2)
    for (const socket of all) socket.emit('close')
    expect(direct.size).toBe(0)
  })
})

describe('the address of a client', () => {
  it.each([
    ['', '127.0.0.1', '1.2.3.4', '127.0.0.1'],
    ['10.0.0.0/8', '192.168.0.1', '1.2.3.4', '192.168.0.1'],
    ['10.0.0.0/8', '10.1.2.3', '1.2.3.4', '1.2.3.4'],
    // What a client wrote itself stands to the left of what its proxy wrote.
    ['10.0.0.0/8', '10.1.2.3', '6.6.6.6, 1.2.3.4', '1.2.3.4'],
    ['10.0.0.0/8', '10.1.2.3', '6.6.6.6, 1.2.3.4, 10.9.9.9', '1.2.3.4'],
    ['10.0.0.0/8', '10.1.2.3', '10.7.7.7, 10.9.9.9', '10.7.7.7'],
    ['10.0.0.0/8', '10.1.2.3', '1.2.3.4, nobody', '10.1.2.3'],
    ['10.0.0.0/8', '10.1.2.3', '1.2.3.4, nobody, 10.9.9.9', '10.9.9.9'],
    ['10.0.0.0/8', '10.1.2.3', ' , ,', '10.1.2.3'],
    ['10.0.0.0/8', '10.1.2.3', '', '10.1.2.3'],
    ['10.0.0.0/8', '::ffff:10.1.2.3', '::ffff:1.2.3.4', '1.2.3.4'],
    ['10.1.2.3', '10.1.2.3', '1.2.3.4:5678', '1.2.3.4'],
    ['::1, fd00::/8', 'fd12::9', '[2001:db8::7]:443', '2001:db8::7'],
    ['::1, fd00::/8', 'fe80::1%eth0', '2001:db8::7', 'fe80::1'],
  ])(
    '[B30] with proxies "%s", from %s and forwarded for "%s", is %s',
    (proxies, peer, header, is) => {
      expect(clientOf(proxies, peer, header)).toBe(is)
    },
  )

  it('[B30] is not sought in a header without end', () => {
    const header = Array.from({ length: 5_000 }, () => '10.1.1.1').join(',')
    expect(clientOf('10.0.0.0/8', '10.1.2.3', `1.2.3.4,${header}`)).toBe('10.1.1.1')
  })

  it.each(['10.0.0.0/33', '10.0.0', 'proxy.example', '::1/129', '10.0.0.1/', '10.0.0.1/-1', '*'])(
    '[B30] "%s" is no proxy',
    (entry) => {
      expect(() => trustedProxiesFrom(`10.0.0.1, ${entry}`, '--trusted-proxies')).toThrow(
        CoscribeError,
      )
    },
  )

  it('[B30] is secure when the nearest trusted proxy says so', () => {
    const proxies = trustedProxiesFrom('10.0.0.1', '--trusted-proxies')
    const secure = (peer: string, proto: string): boolean =>
      proxies.isSecure(requestFrom(peer, { 'x-forwarded-proto': proto }))
    expect(secure('10.0.0.1', 'https')).toBe(true)
    expect(secure('10.0.0.1', 'http, HTTPS')).toBe(true)
    expect(secure('10.0.0.1', 'https, http')).toBe(false)
    expect(secure('1.2.3.4', 'https')).toBe(false)
    expect(proxies.isSecure(requestFrom('10.0.0.1'))).toBe(false)
  })

  it('[B30] is local only for what no proxy has sent on', () => {
    const proxies = trustedProxiesFrom('127.0.0.2', '--trusted-proxies')
    const local = (peer: string, headers = {}): boolean =>
      proxies.clientOf(requestFrom(peer, headers)).local
    expect(local('127.0.0.1')).toBe(true)
    expect(local('::1')).toBe(true)
    expect(local('::ffff:127.0.0.1')).toBe(true)
    expect(local('127.0.0.2')).toBe(false)
    expect(local('127.0.0.1', { 'x-forwarded-for': '127.0.0.1' })).toBe(false)
    expect(local('127.0.0.1', { via: '1.1 proxy' })).toBe(false)
    expect(local('192.168.0.1')).toBe(false)
    const forwarded = requestFrom('127.0.0.1', { 'x-forwarded-for': '1.2.3.4' })
    expect(proxies.isUnknownProxy(forwarded)).toBe(true)
  })

  it('[B31] counts as one network with its neighbours of the same 64 bits', () => {
    expect(networkOf('1.2.3.4')).toBe('1.2.3.4')
    expect(networkOf('2001:db8:0:1::7')).toBe('2001:db8:0:1::/64')
    expect(networkOf('2001:0DB8:0000:0001:ffff:0:0:1')).toBe('2001:db8:0:1::/64')
    expect(networkOf('::1')).toBe('0:0:0:0::/64')
    expect(networkOf('64:ff9b::1.2.3.4')).toBe('64:ff9b:0:0::/64')
  })
})

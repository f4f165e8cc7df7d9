import type { SeededRandom } from '../random.js'
import { clientFrame } from '../raw-socket.js'
import { plain, sequence, type ListField } from './fields.js'

const targets = [
  '/',
  '/d/doc',
  '/status',
  '/healthz',
  '/readyz',
  '/index.html',
  '/service-worker.js',
  '/doc',
  '/coscribe-editor.js',
  '/assets/',
  '/metrics',
  '/api/v1/session',
  '/api/v1/documents/doc',
  '*',
  '//evil.example/',
  'http://localhost/',
  'http://evil.example/',
  'http://[::1',
  'x:80',
  '',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/../../etc/passwd',
  '/d/%00',
  '/d/%ff',
  '/d/..',
  '/%',
  '/a?b#c',
  '/?token=eyJhbGciOiJIUzI1NiJ9.e30.x',
  `/${'a'.repeat(2_100)}`,
  '/\u{1f600}',
  '/a\tb',
]
const methods = [
  'GET',
  'GET',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'get',
]
const hosts = [
  'localhost',
  '127.0.0.1:80',
  '[::1]',
  'evil.example',
  'localhost.evil.example',
  '',
  'a b',
]
const origins = ['http://localhost', 'http://127.0.0.1:5', 'null', 'https://evil.example', '', 'x']
const header: readonly (readonly [name: string, values: readonly string[]])[] = [
  ['Accept-Encoding', ['br', 'gzip;q=0', '*', ',,,,', 'br;q=x, gzip']],
  ['If-None-Match', ['*', '"x"', 'W/"x", "y"', '"']],
  ['Authorization', ['Bearer x', 'Basic x', 'Bearer', 'Bearer a b']],
  ['Content-Length', ['0', '5', '-1', '9999999999999999999', '5, 5', '+1', '0x5']],
  ['Transfer-Encoding', ['chunked', 'identity', 'gzip, chunked', 'xchunked']],
  ['Expect', ['100-continue', 'x']],
  ['Range', ['bytes=0-1', 'bytes=9-0']],
  ['X-Forwarded-For', ['127.0.0.1']],
  ['Cookie', ['a=b; c=d', '=']],
  ['X-Split', ['a\r\nInjected: yes', 'a\rInjected: yes', 'a\nInjected: yes', 'a\0b', '\u00ff']],
  ['X-Long', ['x'.repeat(17_000), 'y'.repeat(200)]],
]
const bodies = [
  '',
  'hello',
  '5\r\nhello\r\n0\r\n\r\n',
  'ffffffffff\r\nx',
  'GET / HTTP/1.1\r\n\r\n',
  '{"a":',
]

/** A request for a page or the state of the server, as a tree whose leaves are its words. */
export function forgedRequest(random: SeededRandom): ListField {
  const more = Array.from({ length: random.below(4) }, () => {
    const [name, values] = random.pick(header)
    return line(name, random.pick(values))
  })
  return sequence(
    requestLine(random.pick(methods), random.pick(targets), random),
    line('Host', random.chance(0.8) ? 'localhost' : random.pick(hosts)),
    ...more,
    words('\r\n', random.chance(0.7) ? '' : random.pick(bodies)),
  )
}

/** A request to become a WebSocket, and what a client sends behind it at once. */
export function forgedUpgrade(random: SeededRandom): ListField {
  const some = (right: string, ...wrong: string[]): string =>
    random.chance(0.9) ? right : random.pick(wrong)
  const extra = random.pick<ListField[]>([
    [],
    [line('Origin', random.pick(origins))],
    [
      line(
        'Sec-WebSocket-Protocol',
        random.pick(['coscribe.v1', 'a,,b', 'coscribe.token.x', 'y, z']),
      ),
    ],
    [line('Sec-WebSocket-Extensions', random.pick(['permessage-deflate', 'x; y="', ';']))],
    [line('X-Long', 'x'.repeat(random.below(20_000)))],
  ])
  return sequence(
    requestLine(some('GET', 'POST', 'HEAD'), random.pick(['/doc', '/doc', ...targets]), random),
    line('Host', some('localhost', ...hosts)),
    line('Upgrade', some('websocket', 'h2c', 'WebSocket', 'websocket, h2c', '')),
    line('Connection', some('Upgrade', 'keep-alive, Upgrade', 'close', '')),
    line('Sec-WebSocket-Key', some('dGhlIHNhbXBsZSBub25jZQ==', 'x', '', 'AAAA')),
    line('Sec-WebSocket-Version', some('13', '12', '13, 8', '')),
    ...extra,
    words('\r\n'),
    ...Array.from({ length: random.below(4) }, () => sequence(plain(forgedFrame(random)))),
  )
}

function requestLine(method: string, target: string, random: SeededRandom): ListField {
  const version = random.chance(0.9) ? '1.1' : random.pick(['1.0', '2.0', '0.9', '1.1 ', '9'])
  return words(method, ' ', target, ' HTTP/', version, '\r\n')
}

function line(name: string, value: string): ListField {
  return words(name, ': ', value, '\r\n')
}

function words(...all: string[]): ListField {
  return sequence(...all.map((word) => plain(Buffer.from(word))))
}

/** Frames of RFC 6455 with anything wrong in them. */
function forgedFrame(random: SeededRandom): Uint8Array {
  const payload = random.bytes(random.below(200))
  const length = {
    value: BigInt(random.pick([0, 200, 65_536, 2 ** 31, 2 ** 53])),
    bytes: 8 as const,
  }
  return clientFrame(payload, {
    opcode: random.pick([0, 1, 2, 2, 2, 3, 8, 9, 10, 11]),
    fin: random.chance(0.8),
    rsv: random.chance(0.9) ? 0 : random.below(8),
    masked: random.chance(0.9),
    ...(random.chance(0.2) ? { length } : {}),
  })
}

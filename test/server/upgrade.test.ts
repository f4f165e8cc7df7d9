import { describe, expect, it } from 'vitest'
import {
  isLoopbackHost,
  isLoopbackHostHeader,
  isLoopbackOrigin,
} from '../../server/src/transport/loopback.js'
import { isOriginAllowed, originsFrom } from '../../server/src/transport/origins.js'
import { documentIdOf } from '../../server/src/transport/request-check.js'
import { selectSubprotocol } from '../../server/src/transport/subprotocol.js'

describe('loopback', () => {
  it.each([
    'localhost',
    'LOCALHOST:1234',
    'a.localhost',
    '127.0.0.1',
    '127.8.9.10:80',
    '[::1]:1234',
    '[::1]',
  ])('[A1] %s is a loopback Host', (host) => {
    expect(isLoopbackHostHeader(host)).toBe(true)
  })

  it.each([
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '127.0.0.1@evil.example',
    'evil.example:127.0.0.1',
    '128.0.0.1',
    '10.0.0.1',
    '0.0.0.0',
    '[::]',
    '[::1]evil',
    'localhost:1234:5',
    'localhost, evil.example',
    'localhost/x',
  ])('[A1] %s is no loopback Host', (host) => {
    expect(isLoopbackHostHeader(host)).toBe(false)
  })

  it.each(['http://localhost:5173', 'https://127.0.0.1', 'http://[::1]:80'])(
    '[A1] pages from %s may connect',
    (origin) => {
      expect(isLoopbackOrigin(origin)).toBe(true)
    },
  )

  it.each([
    '',
    'null',
    'https://evil.example',
    'http://localhost.evil.example',
    'http://localhost@evil.example',
    'http://evil.example/localhost',
    'file://localhost',
    'localhost',
    'http://localhost http://evil.example',
  ])('[A1] pages from "%s" may not', (origin) => {
    expect(isLoopbackOrigin(origin)).toBe(false)
  })

  it('[A2] knows which addresses to listen on', () => {
    expect(['127.0.0.1', '::1', '[::1]', 'localhost'].every(isLoopbackHost)).toBe(true)
    expect(['0.0.0.0', '::', '192.168.0.1', 'my-host', ''].some(isLoopbackHost)).toBe(false)
  })
})

describe('origins', () => {
  const origins = originsFrom('https://app.example, http://intranet:8080', '--allowed-origins')
  const rules = { loopbackOnly: false, origins }

  it.each([
    [undefined, 'docs.example'],
    ['https://app.example', 'docs.example'],
    ['http://intranet:8080', 'docs.example'],
    ['https://app.example', '127.0.0.1:1234'],
    ['https://docs.example', 'docs.example'],
    ['http://docs.example:1234', 'Docs.example:1234'],
    ['http://localhost:5173', 'localhost:1234'],
  ])('[A5] a page of %s may connect to %s', (origin, host) => {
    expect(isOriginAllowed(origin, host, rules)).toBe(true)
  })

  it.each([
    ['null', 'docs.example'],
    ['', 'docs.example'],
    ['http://app.example', 'docs.example'],
    ['https://app.example:8443', 'docs.example'],
    ['https://app.example.evil', 'docs.example'],
    ['https://sub.app.example', 'docs.example'],
    ['https://docs.example.evil', 'docs.example'],
    ['https://evil.example/docs.example', 'docs.example'],
    ['https://docs.example:444', 'docs.example'],
    ['http://localhost:5173', 'docs.example'],
    ['https://docs.example', '127.0.0.1:1234'],
    ['https://undefined', undefined],
  ])('[A5] a page of "%s" may not connect to %s', (origin, host) => {
    expect(isOriginAllowed(origin, host, rules)).toBe(false)
  })

  it('[A1] a page of the same name may not where everybody may write: names can be made to mean this machine', () => {
    const open = { loopbackOnly: true, origins: new Set<string>() }
    expect(isOriginAllowed('http://rebound.example', 'rebound.example', open)).toBe(false)
  })

  it.each([
    'app.example',
    'https://app.example/',
    'https://APP.example',
    '*',
    'null',
    'ws://a.example',
  ])('[A5] "%s" is no origin', (text) => {
    expect(() => originsFrom(text, '--allowed-origins')).toThrow(/--allowed-origins takes origins/)
  })
})

describe('document ids from paths', () => {
  it.each([
    ['/notes', 'notes'],
    ['/a/b/c', 'a/b/c'],
    ['/a%2Fb', 'a/b'],
    ['/with%20space', 'with space'],
    ['/100%25', '100%'],
    ['/100%', '100%'],
    ['/%zz%2', '%zz%2'],
    ['/%2%35', '%25'],
    ['/%D0%BF%D0%BB%D0%B0%D0%BD', 'план'],
    ['/notes?token=secret', 'notes'],
    ['/notes?', 'notes'],
    ['/', ''],
    ['//', '/'],
    ['/.hidden', '.hidden'],
    ['/a..b', 'a..b'],
  ])('[P20] %s names %j', (url, id) => {
    expect(documentIdOf(url)).toBe(id)
  })

  it.each([
    '/%ff',
    '/%C0%AF',
    '/%ED%A0%80',
    '/%00',
    '/a%00b',
    '/..',
    '/%2e%2e%2f',
    '/a/../b',
    '/a/%2E',
    '/.',
  ])('[P20] %s names nothing', (url) => {
    expect(documentIdOf(url)).toMatchObject({ status: 400 })
  })
})

describe('subprotocols', () => {
  const token = `eyJhbGciOiJIUzI1NiJ9.${'x'.repeat(60)}.sig`

  it.each([
    [['coscribe.v1'], 'coscribe.v1'],
    [['other', 'coscribe.v1'], 'coscribe.v1'],
    [[token, 'coscribe.v1'], 'coscribe.v1'],
    [['y-websocket', token], 'y-websocket'],
    [[token, 'yjs'], 'yjs'],
    [['token.abc', 'yjs'], 'yjs'],
    [[token], false],
    [['bearer-abc'], false],
    [['0123456789abcdef'], false],
  ])('[P21] of %j selects %s', (offered, selected) => {
    expect(selectSubprotocol(new Set(offered))).toBe(selected)
  })
})

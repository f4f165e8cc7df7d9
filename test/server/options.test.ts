import { Socket } from 'node:net'
import { CoscribeError, defaultLimits } from '@coscribe/shared'
import { describe, expect, it } from 'vitest'
import { readServeArguments } from '../../server/src/cli/serve-arguments.js'
import {
  environmentNameOf,
  flagOf,
  optionNames,
  optionsFromEnvironment,
  optionsHelp,
  resolveOptions,
  type Options,
} from '../../server/src/options.js'

/** Defaults are promises: changing one is a decision, made here too. */
const defaults: Options = {
  host: '127.0.0.1',
  port: 1234,
  data: './data',
  durability: 'fsync',
  logLevel: 'info',
  auditFile: '',
  authSecretFile: '',
  authKeyFile: '',
  authJwksUrl: '',
  authIssuer: 'coscribe',
  authAudience: 'coscribe',
  authWebhookUrl: '',
  authWebhookSecretFile: '',
  maxTokenLifeDays: 30,
  allowedOrigins: '',
  trustedProxies: '',
  cookies: 'on',
  urlCredentials: 'off',
  ...defaultLimits,
  maxConnections: 10_000,
  maxConnectionsPerDocument: 1_000,
  maxConnectionsPerAddress: 1_000,
  maxConnectionsPerUser: 100,
  maxStrangersPerAddress: 20,
  strangerBytes: 64 * 1024,
  credentialTimeoutMs: 10_000,
  maxChannels: 100,
  inboundBytes: 256 * 1024 ** 2,
  inboundRateBytes: 1024 ** 2,
  inboundBurstBytes: 8 * 1024 ** 2,
  updateRate: 200,
  updateBurst: 2_000,
  userShare: 4,
  newClientsPerMinute: 1_000,
  questionRate: 5,
  presenceRate: 10,
  lagBytes: 256 * 1024,
  unsentBytes: 2 * 1024 ** 2,
  unsentProcessBytes: 256 * 1024 ** 2,
  echo: 'off',
  frameAncestors: '',
  commitWindowMs: 2,
  roomGraceMs: 30_000,
  snapshotMemoryBytes: 512 * 1024 * 1024,
  trashDays: 30,
  metrics: 'loopback',
  httpTimeoutMs: 10_000,
  stopTimeoutMs: 8_000,
}

function refusal(given: object): string {
  try {
    resolveOptions(given)
  } catch (error) {
    expect(error).toBeInstanceOf(CoscribeError)
    expect((error as CoscribeError).code).toBe('bad-option')
    return (error as CoscribeError).message
  }
  throw new Error('it was accepted')
}

describe('options', () => {
  it('[L3] have these defaults', () => {
    expect(resolveOptions()).toEqual({ options: defaults, clamped: [] })
  })

  it.each([Number.NaN, -1, 0.5, Number.NEGATIVE_INFINITY, '4096', null, {}, [4096]])(
    '[L3] refuse %s where a whole number is meant',
    (value) => {
      expect(refusal({ messageBytes: value })).toMatch(
        /^--message-bytes takes a whole number from 1024 to \d+, got /,
      )
    },
  )

  it('[L3] lower what is too high to the maximum, so that no bound is lost, and report it', () => {
    const year = 365 * 24 * 3_600_000
    const { options, clamped } = resolveOptions({ unsentBytes: 2 ** 40, roomGraceMs: year })
    expect(options.unsentBytes).toBe(1024 ** 3)
    expect(options.roomGraceMs).toBeLessThan(2 ** 31)
    expect(clamped.map(({ name }) => name)).toEqual(['unsentBytes', 'roomGraceMs'])
  })

  it('[L3] keep every maximum where sockets and timers understand it', () => {
    for (const name of optionNames) {
      if (typeof defaults[name] !== 'number' || name === 'port') continue
      const { options } = resolveOptions({
        documentBytes: 2 ** 53,
        unsentBytes: 2 ** 53,
        [name]: Number.MAX_SAFE_INTEGER,
      })
      const memory = name === 'inboundBytes' || name === 'snapshotMemoryBytes'
      const largest = memory ? 2 ** 33 : 2 ** 31 - 1
      expect(options[name], name).toBeLessThanOrEqual(largest)
    }
  })

  it('[L3] refuse a port above the range instead of lowering it', () => {
    expect(refusal({ port: 65_536 })).toContain('--port takes a whole number from 0 to 65535')
  })

  it('[L3] are checked against each other', () => {
    expect(refusal({ unsentBytes: 100_000 })).toContain(
      '--unsent-bytes must not be below --lag-bytes',
    )
    expect(refusal({ documentBytes: 2_048 })).toContain('--document-bytes must not be below')
  })

  it('[B1] leave no bound at which a socket would not say that it has drained', () => {
    const buffered = new Socket().writableHighWaterMark
    expect(refusal({ lagBytes: buffered - 1 })).toContain('--lag-bytes')
  })

  it('[L3] know their choices', () => {
    expect(refusal({ durability: 'maybe' })).toBe(
      '--durability takes one of fsync, os, got "maybe"',
    )
  })

  it('[L3] each have a flag, an environment name and a line of help', () => {
    const help = optionsHelp()
    for (const name of optionNames) {
      expect(help).toContain(`${flagOf(name)} <`)
      expect(help).toContain(`(${environmentNameOf(name)})`)
    }
    expect(environmentNameOf('messageBytes')).toBe('COSCRIBE_MESSAGE_BYTES')
  })

  it('[L3] come from flags first, then from the environment', () => {
    const environment = { COSCRIBE_PORT: '5', COSCRIBE_DURABILITY: 'os', COSCRIBE_HOST: '' }
    expect(optionsFromEnvironment(environment)).toEqual({ port: 5, durability: 'os' })
    expect(readServeArguments(['--port', '7', '--data=x', '--port=8'], environment)).toEqual({
      kind: 'serve',
      options: { port: 8, durability: 'os', data: 'x' },
    })
  })

  it.each([
    [['--prot', '1'], 'there is no flag --prot; see coscribe serve --help'],
    [['-x'], 'there is no flag -x; see coscribe serve --help'],
    [['here'], 'unexpected "here"; see coscribe serve --help'],
    [['--port'], '--port needs a value; see coscribe serve --help'],
    [['--host', '--port', '1'], '--host needs a value; see coscribe serve --help'],
    [['--port', 'http'], '--port takes a whole number from 0 to 65535, got "http"'],
    [['--port=-1'], '--port takes a whole number from 0 to 65535, got "-1"'],
    [['--port=1e3'], '--port takes a whole number from 0 to 65535, got "1e3"'],
  ])('[L2] say what is wrong with %j', (args, message) => {
    expect(() => readServeArguments(args, {})).toThrow(message)
  })
})

import { parseArgs } from 'node:util'
import type { Access } from '@coscribe/shared'
import { UsageError } from './usage-error.js'

/** What `coscribe token` was asked for. */
export interface TokenRequest {
  /** Where the secret is; when absent, in the environment. */
  readonly secretFile: string | undefined
  readonly subject: string
  /** What others are shown as the name; empty for none. */
  readonly name: string
  readonly documents: readonly string[]
  readonly prefixes: readonly string[]
  readonly access: Access
  readonly ttlSeconds: number
  readonly issuer: string
  readonly audience: string
}

const HINT = 'see coscribe token --help'
const levels: readonly Access[] = ['read', 'comment', 'write', 'admin']
const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }
/** A token cannot be taken back, and this is one for trying out. */
const MAX_TTL_SECONDS = 30 * 86_400

const flags = {
  'secret-file': { type: 'string' },
  sub: { type: 'string' },
  name: { type: 'string', default: '' },
  doc: { type: 'string', multiple: true },
  prefix: { type: 'string', multiple: true },
  access: { type: 'string', default: 'write' },
  ttl: { type: 'string', default: '1h' },
  issuer: { type: 'string', default: 'coscribe' },
  audience: { type: 'string', default: 'coscribe' },
  help: { type: 'boolean', short: 'h' },
} as const

/**
 * Reads the flags; `null` asks for help.
 *
 * @throws UsageError
 */
export function readTokenArguments(args: readonly string[]): TokenRequest | null {
  const values = parsed(args)
  if (values.help === true) return null
  const { sub: subject, doc: documents = [], prefix: prefixes = [] } = values
  if (subject === undefined || subject === '') throw new UsageError(`--sub says who; ${HINT}`)
  if (documents.length + prefixes.length === 0) {
    throw new UsageError(`--doc or --prefix says which documents; ${HINT}`)
  }
  return {
    secretFile: values['secret-file'],
    subject,
    name: values.name,
    documents,
    prefixes,
    access: accessFrom(values.access),
    ttlSeconds: secondsFrom(values.ttl),
    issuer: values.issuer,
    audience: values.audience,
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags }).values
  } catch (error) {
    // Node's sentence names the argument.
    throw new UsageError(`${(error as Error).message.split('. ', 1)[0] ?? ''}; ${HINT}`)
  }
}

function accessFrom(text: string): Access {
  const access = levels.find((level) => level === text)
  if (access !== undefined) return access
  throw new UsageError(`--access takes one of ${levels.join(', ')}, got "${text}"`)
}

function secondsFrom(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  const seconds = Number(digits) * (unitSeconds[unit] ?? 0)
  if (seconds > 0 && seconds <= MAX_TTL_SECONDS) return seconds
  throw new UsageError(`--ttl takes a time up to 30d, such as 90s, 15m, 1h or 7d, got "${text}"`)
}

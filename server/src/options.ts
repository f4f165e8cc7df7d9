import { CoscribeError, defaultLimits, MAX_DOCUMENT_ID_BYTES } from '@coscribe/shared'

const KiB = 1024
const MiB = 1024 * KiB
const SECOND = 1_000
const MINUTE = 60 * SECOND

interface Described {
  /** One line for people: what it sets, and in which unit. */
  readonly help: string
}

interface NumberOption extends Described {
  readonly type: 'integer'
  readonly default: number
  readonly unit: 'bytes' | 'ms' | 'count' | 'port'
  readonly min: number
  readonly max: number
  /** What 0 does; only options whose `min` is 0 have one. */
  readonly zero?: string
}

interface TextOption extends Described {
  readonly type: 'text'
  /** Empty: there is none unless somebody gives one. */
  readonly default: string
}

interface ChoiceOption<Choice extends string> extends Described {
  readonly type: 'choice'
  readonly default: Choice
  readonly choices: readonly Choice[]
}

type Option = NumberOption | TextOption | ChoiceOption<string>

function integer(option: Omit<NumberOption, 'type'>): NumberOption {
  return { type: 'integer', ...option }
}

function bytes(byDefault: number, min: number, max: number, help: string): NumberOption {
  return integer({ default: byDefault, unit: 'bytes', min, max, help })
}

function count(byDefault: number, min: number, max: number, help: string): NumberOption {
  return integer({ default: byDefault, unit: 'count', min, max, help })
}

function choice<const Choice extends string>(
  choices: readonly [Choice, ...Choice[]],
  help: string,
): ChoiceOption<Choice> {
  return { type: 'choice', choices, default: choices[0], help }
}

/**
 * Every option, once: flags, environment names, `--help`, defaults and checks derive from it. A number below `min`
 * is refused; one above `max` is lowered to it and reported, so that no limit is ever switched off by a large value.
 */
const table = {
  host: { type: 'text', default: '127.0.0.1', help: 'address to listen on' },
  port: integer({
    default: 1234,
    unit: 'port',
    min: 0,
    max: 65_535,
    zero: 'any free port',
    help: 'port to listen on',
  }),
  data: { type: 'text', default: './data', help: 'folder of the documents, created when absent' },
  durability: choice(
    ['fsync', 'os'],
    'what an acknowledged edit survives: fsync = a power loss, os = the end of this process only',
  ),
  logLevel: choice(
    ['info', 'silent', 'error', 'warn', 'debug'],
    'the least important messages to log on stderr',
  ),
  auditFile: {
    type: 'text',
    default: '',
    help: 'file that decisions about rights are appended to, as lines of JSON; without one they are in the log',
  },
  authSecretFile: {
    type: 'text',
    default: '',
    help: 'file with the secret that HS256 tokens are signed with, 32 bytes or more; a second line for the one before',
  },
  authKeyFile: {
    type: 'text',
    default: '',
    help: 'file with the public key that tokens are signed with (PEM; RSA, P-256 or Ed25519), or two of them',
  },
  authJwksUrl: {
    type: 'text',
    default: '',
    help: 'where an identity provider publishes the keys that tokens are signed with (a JSON web key set, by https)',
  },
  authIssuer: { type: 'text', default: 'coscribe', help: 'the iss that tokens must have' },
  authAudience: { type: 'text', default: 'coscribe', help: 'the aud that tokens must have' },
  maxTokenLifeDays: count(
    30,
    1,
    3_660,
    'most days that a token may be good for after it was issued; revocations are remembered for as long',
  ),
  authWebhookUrl: {
    type: 'text',
    default: '',
    help: 'where an application is asked, by signed questions over https, who may do what; tokens are not verified here then',
  },
  authWebhookSecretFile: {
    type: 'text',
    default: '',
    help: 'file with the secret that those questions are signed with, 32 bytes or more; a second line for the one before',
  },
  allowedOrigins: {
    type: 'text',
    default: '',
    help: 'pages of other sites that may connect, such as https://app.example, separated by commas',
  },
  trustedProxies: {
    type: 'text',
    default: '',
    help: 'addresses and networks of proxies whose X-Forwarded-For and X-Forwarded-Proto count, such as 10.0.0.0/8, separated by commas',
  },
  cookies: choice(
    ['on', 'off'],
    'whether pages of this server and of allowed-origins may sign people in by a cookie',
  ),
  urlCredentials: choice(
    ['off', 'tickets', 'tokens'],
    'what may let people in as a part of an address: tickets for one connection, or also tokens of 15 minutes for one document',
  ),
  messageBytes: bytes(defaultLimits.messageBytes, KiB, 256 * MiB, 'largest message'),
  documentBytes: bytes(
    defaultLimits.documentBytes,
    KiB,
    512 * MiB,
    'largest document as stored; above it only deletions are accepted',
  ),
  documentIdBytes: bytes(MAX_DOCUMENT_ID_BYTES, 1, MAX_DOCUMENT_ID_BYTES, 'longest document id'),
  pendingBytes: bytes(
    defaultLimits.pendingBytes,
    KiB,
    256 * MiB,
    'most that may wait, per document, for edits the server lacks',
  ),
  rootNames: count(defaultLimits.rootNames, 1, 100_000, 'most top-level names in a document'),
  typeDepth: count(defaultLimits.typeDepth, 1, 1_000, 'deepest nesting of shared types'),
  jsonDepth: count(defaultLimits.jsonDepth, 1, 1_000, 'deepest nesting of a plain value'),
  updateStructs: count(
    defaultLimits.updateStructs,
    1_000,
    100_000_000,
    'most structs and delete ranges in one update',
  ),
  updateClients: count(defaultLimits.updateClients, 1, 1_000_000, 'most client ids in one update'),
  updateSubdocuments: count(
    defaultLimits.updateSubdocuments,
    1,
    100_000,
    'most subdocuments in one update',
  ),
  presenceBytes: bytes(defaultLimits.presenceBytes, 64, 64 * KiB, 'largest presence state'),
  presenceDepth: count(defaultLimits.presenceDepth, 1, 100, 'deepest nesting of a presence state'),
  maxConnections: count(10_000, 1, 1_000_000, 'most connections at once'),
  maxConnectionsPerDocument: count(1_000, 1, 100_000, 'most connections to one document'),
  maxConnectionsPerAddress: count(1_000, 1, 1_000_000, 'most connections from one address'),
  maxConnectionsPerUser: count(100, 1, 1_000_000, 'most connections of one user'),
  maxStrangersPerAddress: count(
    20,
    1,
    1_000_000,
    'most connections from one address that have brought no credential for two seconds',
  ),
  strangerBytes: bytes(
    64 * KiB,
    16 * KiB,
    16 * MiB,
    'most that is read of a connection before its first credential is accepted',
  ),
  credentialTimeoutMs: integer({
    default: 10 * SECOND,
    unit: 'ms',
    min: SECOND,
    max: 5 * MINUTE,
    help: 'how long a connection may take to bring its first credential',
  }),
  maxChannels: count(100, 1, 10_000, 'most documents open on one connection'),
  inboundBytes: bytes(
    256 * MiB,
    MiB,
    4_096 * MiB,
    'most memory for messages above message-bytes that are arriving at the same time',
  ),
  inboundRateBytes: bytes(
    MiB,
    64 * KiB,
    1_024 * MiB,
    'bytes a second above which a connection is read more slowly; small messages count as 1 KiB',
  ),
  inboundBurstBytes: bytes(
    8 * MiB,
    64 * KiB,
    1_024 * MiB,
    'bytes a connection may send at once before that counts',
  ),
  updateRate: count(200, 1, 1_000_000, 'updates a second above which a connection is read slowly'),
  updateBurst: count(2_000, 1, 10_000_000, 'updates at once before that counts'),
  userShare: count(
    4,
    1,
    1_000,
    'how many times as much as one connection all connections of one user may send',
  ),
  newClientsPerMinute: count(
    1_000,
    1,
    1_000_000,
    'most client ids a minute that one user may bring into documents, in the long run',
  ),
  questionRate: count(
    5,
    1,
    1_000,
    'step 1s of one session in ten seconds that are answered at once; more are answered together',
  ),
  presenceRate: count(
    10,
    1,
    1_000,
    'presence states a second of one session; of more the last is taken a little later',
  ),
  // Below what a socket buffers by itself, no drain would tell that a peer has caught up.
  lagBytes: bytes(
    256 * KiB,
    64 * KiB,
    64 * MiB,
    'unsent bytes above which a connection is sent nothing more until it has read them',
  ),
  unsentBytes: bytes(
    2 * MiB,
    64 * KiB,
    1_024 * MiB,
    'unsent replies, not counting documents, above which a connection is closed',
  ),
  unsentProcessBytes: bytes(
    256 * MiB,
    MiB,
    1_024 * MiB,
    'the same for all connections together; those that have not read for longest are closed',
  ),
  echo: choice(
    ['off', 'on'],
    'whether y-websocket clients are sent their own edits back once these are on disk, for those that show so what is saved',
  ),
  frameAncestors: {
    type: 'text',
    default: '',
    help: 'sites whose pages may show the page in a frame, such as https://app.example, separated by commas',
  },
  commitWindowMs: integer({
    default: 2,
    unit: 'ms',
    min: 0,
    max: SECOND,
    zero: 'commit as soon as an edit arrives',
    help: 'how long edits are collected before one commit to disk',
  }),
  roomGraceMs: integer({
    default: 30 * SECOND,
    unit: 'ms',
    min: 0,
    max: 24 * 60 * MINUTE,
    zero: 'leave memory at once',
    help: 'how long a document nobody has open stays in memory',
  }),
  snapshotMemoryBytes: bytes(
    512 * MiB,
    MiB,
    8_192 * MiB,
    'most memory for snapshots of open documents; those joined longest ago are read again when needed',
  ),
  trashDays: integer({
    default: 30,
    unit: 'count',
    min: 0,
    max: 3_660,
    zero: 'for ever',
    help: 'how many days a document stays in the trash before it is removed for good',
  }),
  metrics: choice(
    ['loopback', 'off', 'on'],
    'who may read /metrics: programs on this machine, nobody, or everybody who reaches the server',
  ),
  httpTimeoutMs: integer({
    default: 10 * SECOND,
    unit: 'ms',
    min: 100,
    max: 5 * MINUTE,
    help: 'how long a request or upgrade may take to arrive and to be answered',
  }),
  stopTimeoutMs: integer({
    default: 8 * SECOND,
    unit: 'ms',
    min: 100,
    max: 10 * MINUTE,
    help: 'how long stopping may take to commit what was received and to say goodbye',
  }),
} as const satisfies Record<string, Option>

export type OptionName = keyof typeof table

type ValueOf<Entry> =
  Entry extends ChoiceOption<infer Choice> ? Choice : Entry extends NumberOption ? number : string

/** A value for every option. */
export type Options = { readonly [Name in OptionName]: ValueOf<(typeof table)[Name]> }

export const optionNames = Object.freeze(Object.keys(table)) as readonly OptionName[]

/** A value that was lowered to its maximum. */
interface Clamped {
  readonly name: OptionName
  readonly given: number
  readonly used: number
}

export interface ResolvedOptions {
  readonly options: Options
  readonly clamped: readonly Clamped[]
}

/**
 * Fills in defaults and checks every value.
 *
 * @throws CoscribeError `bad-option`, with one sentence that names the option and what it takes
 */
export function resolveOptions(given: Partial<Options> = {}): ResolvedOptions {
  const clamped: Clamped[] = []
  const values: Record<string, number | string> = {}
  for (const name of optionNames) values[name] = checkedValue(name, given[name], clamped)
  const options = Object.freeze(values) as Options
  if (options.unsentBytes < options.lagBytes) {
    throw badOption(`${flagOf('unsentBytes')} must not be below ${flagOf('lagBytes')}`)
  }
  if (options.documentBytes < options.messageBytes) {
    throw badOption(`${flagOf('documentBytes')} must not be below ${flagOf('messageBytes')}`)
  }
  return { options, clamped }
}

function checkedValue(name: OptionName, given: unknown, clamped: Clamped[]): number | string {
  const option: Option = table[name]
  if (given === undefined) return option.default
  if (option.type === 'integer') return checkedNumber(name, option, given, clamped)
  const fits = typeof given === 'string' && isChoice(option, given)
  if (!fits || (given === '' && option.default !== '')) throw badValue(name, given)
  return given
}

function isChoice(option: TextOption | ChoiceOption<string>, given: string): boolean {
  return option.type === 'text' || option.choices.includes(given)
}

function checkedNumber(
  name: OptionName,
  option: NumberOption,
  given: unknown,
  clamped: Clamped[],
): number {
  if (typeof given !== 'number' || !Number.isInteger(given) || given < option.min) {
    throw badValue(name, given)
  }
  if (given <= option.max) return given
  // A port above the range is a slip of the keyboard, not a wish for the highest one.
  if (option.unit === 'port') throw badValue(name, given)
  clamped.push({ name, given, used: option.max })
  return option.max
}

/**
 * Reads option values from command line flags or environment variables.
 *
 * @throws CoscribeError `bad-option`
 */
export function parseOption(name: OptionName, text: string): number | string {
  const option: Option = table[name]
  if (option.type !== 'integer') return text
  if (!/^\d{1,15}$/.test(text)) throw badValue(name, text)
  return Number(text)
}

/** Options set in an environment such as `process.env`, by the names of {@link environmentNameOf}. */
export function optionsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Partial<Options> {
  const values: Record<string, number | string> = {}
  for (const name of optionNames) {
    const text = environment[environmentNameOf(name)]
    if (text !== undefined && text !== '') values[name] = parseOption(name, text)
  }
  return values
}

/** `--message-bytes` for `messageBytes`. */
export function flagOf(name: OptionName): string {
  return `--${kebab(name)}`
}

/** `message-bytes` for `messageBytes`. */
export function kebab(name: OptionName): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** `COSCRIBE_MESSAGE_BYTES` for `messageBytes`. */
export function environmentNameOf(name: OptionName): string {
  return `COSCRIBE_${kebab(name).toUpperCase().replaceAll('-', '_')}`
}

/** One paragraph of `--help` per option. */
export function optionsHelp(): string {
  return optionNames.map((name) => `${helpHead(name)}\n      ${helpBody(name)}`).join('\n')
}

function helpHead(name: OptionName): string {
  return `  ${flagOf(name)} <${takes(name)}>  (${environmentNameOf(name)})`
}

function helpBody(name: OptionName): string {
  const option: Option = table[name]
  const zero = option.type === 'integer' && option.zero !== undefined ? `; 0: ${option.zero}` : ''
  return `${option.help} (default ${option.default === '' ? 'none' : option.default}${zero})`
}

/** What values an option takes, for messages. */
function takes(name: OptionName): string {
  const option: Option = table[name]
  if (option.type === 'choice') return option.choices.join('|')
  if (option.type === 'text') return 'text'
  if (option.unit === 'count' || option.unit === 'port') return 'number'
  return option.unit
}

function badValue(name: OptionName, given: unknown): CoscribeError {
  const option: Option = table[name]
  const wanted =
    option.type === 'integer'
      ? `a whole number from ${option.min} to ${option.max}`
      : option.type === 'choice'
        ? `one of ${option.choices.join(', ')}`
        : 'some text'
  return badOption(`${flagOf(name)} takes ${wanted}, got ${JSON.stringify(given) ?? 'nothing'}`)
}

function badOption(message: string): CoscribeError {
  return new CoscribeError('bad-option', message)
}

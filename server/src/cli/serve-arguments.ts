import { parseArgs } from 'node:util'
import {
  flagOf,
  kebab,
  optionNames,
  optionsFromEnvironment,
  parseOption,
  type OptionName,
  type Options,
} from '../options.js'
import { UsageError } from './usage-error.js'

/** What `coscribe serve` was asked for. */
export type ServeRequest =
  { readonly kind: 'help' } | { readonly kind: 'serve'; readonly options: Partial<Options> }

const HINT = 'see coscribe serve --help'
const nameOfFlag = new Map(optionNames.map((name) => [kebab(name), name]))

/**
 * Reads flags, and the environment for what no flag sets. The last of several equal flags counts.
 *
 * @throws UsageError for an unknown flag or a missing value
 * @throws CoscribeError `bad-option`
 */
export function readServeArguments(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): ServeRequest {
  const { tokens } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(optionNames.map((name) => [kebab(name), { type: 'string' as const }])),
      help: { type: 'boolean', short: 'h' },
    },
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  const values: Record<string, number | string> = { ...optionsFromEnvironment(environment) }
  for (const token of tokens) {
    if (token.kind === 'positional') throw new UsageError(`unexpected "${token.value}"; ${HINT}`)
    if (token.kind !== 'option') continue
    if (token.name === 'help') return { kind: 'help' }
    const name = optionOf(token.name, token.rawName)
    values[name] = parseOption(name, valueOf(name, token.value))
  }
  return { kind: 'serve', options: values }
}

function optionOf(flag: string, rawName: string): OptionName {
  const name = nameOfFlag.get(flag)
  if (name === undefined) throw new UsageError(`there is no flag ${rawName}; ${HINT}`)
  return name
}

function valueOf(name: OptionName, value: string | undefined): string {
  // `--host --port 1` is a forgotten value and not a host named "--port".
  if (value === undefined || value === '' || value.startsWith('--')) {
    throw new UsageError(`${flagOf(name)} needs a value; ${HINT}`)
  }
  return value
}

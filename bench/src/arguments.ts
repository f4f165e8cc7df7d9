import { parseArgs } from 'node:util'

/** What `npm run bench` was asked for. */
export interface BenchArguments {
  readonly quick: boolean
  readonly rounds: number
  /** Names of scenarios; empty means all. */
  readonly only: readonly string[]
  /** Names of servers; empty means all. */
  readonly peers: readonly string[]
  readonly profile: boolean
  readonly help: boolean
  /** Where to put data; it must be a real disk. */
  readonly data: string | null
}

/** @throws TypeError for flags that do not exist, RangeError for values that make no sense */
export function readArguments(args: readonly string[]): BenchArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      peers: { type: 'string', multiple: true, default: [] },
      profile: { type: 'boolean', default: false },
      data: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3))
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new RangeError('--rounds takes a number from 1')
  return {
    quick: values.quick,
    rounds,
    only: names([...positionals, ...values.only]),
    peers: names(values.peers),
    profile: values.profile,
    help: values.help,
    data: values.data ?? null,
  }
}

function names(lists: readonly string[]): string[] {
  return lists.flatMap((list) => list.split(',')).filter((name) => name !== '')
}

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { readArguments, type BenchArguments } from './arguments.js'
import type { Bench, Scenario } from './bench.js'
import { fsyncMs, refuseMemory } from './measure/disk.js'
import { acks } from './scenarios/acks.js'
import { admission } from './scenarios/admission.js'
import { fanOut } from './scenarios/fan-out.js'
import { floods } from './scenarios/floods.js'
import { growth } from './scenarios/growth.js'
import { joins } from './scenarios/joins.js'
import { largeJoins } from './scenarios/large-joins.js'
import { maximum } from './scenarios/maximum.js'
import { memory } from './scenarios/memory.js'
import { mixed } from './scenarios/mixed.js'
import { presence } from './scenarios/presence.js'
import { push } from './scenarios/push.js'
import { rooms } from './scenarios/rooms.js'
import { slowReader } from './scenarios/slow-reader.js'
import { smallEdits } from './scenarios/small-edits.js'
import { storm } from './scenarios/storm.js'
import { catalog } from './servers/catalog.js'
import type { ServerKind } from './servers/server-kind.js'
import { figure, markdown } from './table.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const scenarios: readonly Scenario[] = [
  fanOut,
  maximum,
  presence,
  joins,
  largeJoins,
  memory,
  slowReader,
  smallEdits,
  push,
  acks,
  storm,
  growth,
  rooms,
  mixed,
  floods,
  admission,
]

const help = `npm run bench -- [scenario …] [flags]

Scenarios (all when none is named):
${scenarios.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join('\n')}
  editor       keystrokes and opening in a real browser; a command of its own

Flags:
  --quick           one short round each; without names only what matters most, in about two minutes
  --rounds <n>      how often every server has its turn (default 3, quick 1)
  --only <a,b>      the same as naming scenarios
  --peers <a,b>     only these servers: ${catalog.map(({ name }) => name).join(', ')}
  --profile         leave CPU profiles of ours in .cache/bench/profiles
  --data <folder>   where servers store; it must be on a real disk (default .cache/bench)
  --help
`

/**
 * Runs the benchmark of the servers; returns the exit code.
 *
 * @param install brings what we are compared with
 * @throws RangeError, TypeError for arguments that make no sense
 */
export async function main(args: readonly string[], install: () => void): Promise<number> {
  const asked = readArguments(args)
  if (asked.help) {
    process.stdout.write(help)
    return 0
  }
  const named = choose('scenario', scenarios, asked.only)
  const chosen = isBrief(asked) ? named.filter(({ inBrief }) => inBrief) : named
  const servers = choose('server', catalog, asked.peers)
  const home = asked.data ?? join(root, '.cache', 'bench')
  mkdirSync(home, { recursive: true })
  refuseMemory(home)
  if (servers.some(({ ours, dialect }) => !ours && dialect !== 'relay')) install()
  const scratch = mkdtempSync(join(home, 'run-'))
  process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
  process.on('SIGINT', () => process.exit(130))
  process.on('SIGTERM', () => process.exit(143))
  console.log(
    `${machine()}, fsync of 4 KiB ${figure(fsyncMs(scratch))} ms, rounds ${asked.rounds}\n`,
  )
  const bench = benchOf(asked, servers, home, scratch)
  for (const scenario of chosen) {
    for (const table of await scenario.run(bench)) console.log(markdown(table))
  }
  return 0
}

function benchOf(
  asked: BenchArguments,
  servers: readonly ServerKind[],
  home: string,
  scratch: string,
): Bench {
  const profiles = asked.profile ? join(home, 'profiles') : null
  if (profiles !== null) mkdirSync(profiles, { recursive: true })
  return {
    quick: asked.quick,
    brief: isBrief(asked),
    rounds: asked.rounds,
    servers,
    absent: new Map(),
    profiles,
    plots: join(home, 'plots'),
    folder: () => mkdtempSync(join(scratch, 'data-')),
    progress: (text) => process.stderr.write(`${text}\n`),
  }
}

function isBrief({ quick, only }: BenchArguments): boolean {
  return quick && only.length === 0
}

/** @throws RangeError for a name that nothing has */
function choose<Named extends { readonly name: string }>(
  what: string,
  all: readonly Named[],
  names: readonly string[],
): readonly Named[] {
  for (const name of names) {
    if (all.some((one) => one.name === name)) continue
    throw new RangeError(`there is no ${what} ${name}; see npm run bench -- --help`)
  }
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name))
}

function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  const gib = Math.round(totalmem() / 2 ** 30)
  return `${commit()}, Node ${process.version}, ${availableParallelism()} × ${model}, ${gib} GiB`
}

/** What is being measured, so that a table can be told from another. */
function commit(): string {
  try {
    return execFileSync('git', ['-C', root, 'describe', '--always', '--dirty'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    // No git, or no checkout: then the version has to do.
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      version: string
    }
    return version
  }
}

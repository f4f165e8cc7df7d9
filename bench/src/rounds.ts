import type { Bench } from './bench.js'
import { AbsentError, ServerProcess } from './servers/server-process.js'
import type { ServerKind } from './servers/server-kind.js'
import { median } from './statistics.js'

/** What the rounds gave, by server: its samples, or in words why there are none. */
export type Found<Sample> = ReadonlyMap<string, readonly Sample[] | string>

/**
 * Rounds in which every server has its turn: what disturbs the machine disturbs all of them.
 *
 * @param once one turn of a server. What it throws stands in the table, and ends that server's turns.
 */
export async function inRounds<Sample>(
  bench: Bench,
  title: string,
  kinds: readonly ServerKind[],
  once: (kind: ServerKind) => Promise<Sample>,
): Promise<Found<Sample>> {
  const samples = new Map<string, Sample[]>(kinds.map(({ name }) => [name, []]))
  const words = new Map<string, string>()
  for (let round = 1; round <= bench.rounds; round++) {
    for (const kind of kinds) {
      if (words.has(kind.name)) continue
      bench.progress(`${title}, round ${round} of ${bench.rounds}: ${kind.name}`)
      try {
        const absent = bench.absent.get(kind.name)
        if (absent !== undefined) throw new AbsentError(absent)
        samples.get(kind.name)?.push(await once(kind))
      } catch (error) {
        words.set(kind.name, inWords(bench, kind, error))
      }
    }
  }
  return new Map([...samples].map(([name, taken]) => [name, words.get(name) ?? taken]))
}

function inWords(bench: Bench, kind: ServerKind, error: unknown): string {
  const { message } = error instanceof Error ? error : new Error(String(error))
  if (!(error instanceof AbsentError)) return `failed: ${message}`
  bench.absent.set(kind.name, message)
  return `absent: ${message}`
}

/** Starts a server in a folder of its own, or in `data`, and stops it when the work is done. */
export async function withServer<Result>(
  bench: Bench,
  kind: ServerKind,
  work: (server: ServerProcess) => Promise<Result>,
  flags: readonly string[] = [],
  data = bench.folder(),
): Promise<Result> {
  const server = await ServerProcess.start(kind, data, flags)
  try {
    return await work(server)
  } finally {
    await server.stop()
  }
}

/** Rows of a table: one per server, in words where there are no samples. */
export function rowsOf<Sample>(
  found: Found<Sample>,
  cells: (samples: readonly Sample[], name: string) => readonly string[],
): string[][] {
  return [...found].map(([name, samples]) =>
    typeof samples === 'string' ? [name, samples] : [name, ...cells(samples, name)],
  )
}

/** The median of a figure over samples. */
export function middleOf<Sample>(
  samples: readonly Sample[],
): (of: (sample: Sample) => number) => number {
  return (of) => median(samples.map(of))
}

/** The median of a figure of one server; NaN when it has none. */
export function medianOf<Sample>(
  found: Found<Sample>,
  name: string,
  of: (sample: Sample) => number,
): number {
  const samples = found.get(name)
  return samples === undefined || typeof samples === 'string' ? Number.NaN : middleOf(samples)(of)
}

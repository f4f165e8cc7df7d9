import process from 'node:process'
import v8 from 'node:v8'

/** The last version of Node of which it is known that its V8 has the flags; another one would complain on stderr. */
const LAST_KNOWN_NODE = 24
/**
 * It stays as it is, and one thread collects it: to wake others costs more than it saves where there is so little.
 *
 * @see `semi_space_growth_factor` and `parallel_scavenge` in V8's `src/flags/flag-definitions.h`
 */
const flags = ['--semi-space-growth-factor=1', '--no-parallel-scavenge']

/**
 * Keeps the memory for new objects at the size that it has now: call it early. V8 lets it grow to 16 MB under load, and
 * stops the process for as long as it takes to go through what lives there; docs/benchmarks.md has how long that is while
 * thousands of connections come and go. `--max-semi-space-size` says the same, but only to a process that starts, and so
 * does not help where the command is run by its name.
 *
 * For the whole process, with its threads. Does nothing on versions of Node that came later than this was tried with.
 */
export function keepYoungGenerationSmall(): void {
  const [major] = process.versions.node.split('.')
  if (Number(major) > LAST_KNOWN_NODE) return
  for (const flag of flags) v8.setFlagsFromString(flag)
}

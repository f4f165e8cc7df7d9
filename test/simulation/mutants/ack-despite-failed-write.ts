import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/persistence/writer.ts',
  breaks: 'A write that the disk refused counts as one that it took.',
  find: `      if (!isDamage(error)) throw error
`,
  replace: `      if (!isDamage(error)) return flights.forEach((flight) => this.#succeed(flight))
`,
  seeds: 100,
}

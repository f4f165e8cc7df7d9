import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/persistence/writer.ts',
  breaks: 'An update is acknowledged when it was handed to the disk, not when the disk has it.',
  find: `      await this.#setup.store.append(flights.map((flight) => flight.append))
`,
  replace: `      this.#setup.store.append(flights.map((flight) => flight.append)).catch(() => undefined)
`,
  seeds: 20,
}

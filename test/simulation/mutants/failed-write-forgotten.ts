import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/persistence/writer.ts',
  breaks: 'What a failed write left is not tried again.',
  find: 'if (queue.count > 0) this.#dirty.add(queue)',
  replace: 'if (queue.count < 0) this.#dirty.add(queue)',
  seeds: 100,
}

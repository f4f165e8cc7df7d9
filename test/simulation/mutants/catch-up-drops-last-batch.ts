import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/transport/feed.ts',
  breaks: 'The last batch of a catch-up is left out.',
  find: '      if (batch === undefined) return null',
  replace: '      if (batch === undefined || batch === this.#catchUp.batches.at(-1)) return null',
  seeds: 20,
}

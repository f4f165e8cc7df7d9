import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/transport/progress.ts',
  breaks: 'A resume point is announced before everything up to it is on disk.',
  find: 'return Math.min(this.#deliveredSeq, this.#durableSeq)',
  replace: 'return this.#deliveredSeq',
  seeds: 300,
  noticedAt: 35,
}

import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/transport/log-reader.ts',
  breaks: 'Who fell behind goes on one update too late.',
  find: 'log.after(this.#position)',
  replace: 'log.after(this.#position + 1)',
  seeds: 200,
  noticedAt: 13,
}

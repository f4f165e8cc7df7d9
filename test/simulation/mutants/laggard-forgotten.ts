import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/transport/session.ts',
  breaks: 'Who reads too slowly is not remembered as one who fell behind.',
  find: 'this.#reader.fallBehind()\n',
  replace: '',
  seeds: 200,
  noticedAt: 13,
}

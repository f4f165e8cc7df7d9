import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/transport/session.ts',
  breaks: 'Who fell behind goes on one update too late.',
  find: 'room.after(this.#position)',
  replace: 'room.after(this.#position + 1)',
  seeds: 200,
}

import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/transport/session.ts',
  breaks: 'The server never asks what it lacks.',
  find: `    this.send({ type: 'sync-step-1', stateVector: this.#room.stateVector() })
`,
  replace: '',
  seeds: 20,
}

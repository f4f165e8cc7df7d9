import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'client/src/pending.ts',
  breaks: 'What was on its way when a session ended counts as saved.',
  find: `    this.carriedAll(0, 0)
    const all`,
  replace: `    this.#entries = []
    const all`,
  seeds: 50,
}

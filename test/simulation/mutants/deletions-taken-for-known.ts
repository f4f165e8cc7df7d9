import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/rooms/document-index.ts',
  breaks: 'An update without new structs is taken for known, whatever it deletes.',
  find: 'if (this.#newStructs === 0 && newDeletes === 0) return known',
  replace: 'if (this.#newStructs === 0) return known',
  seeds: 100,
}

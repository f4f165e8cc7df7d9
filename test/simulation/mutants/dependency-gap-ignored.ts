import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/rooms/settling.ts',
  breaks: 'A struct counts as part of the document though what it depends on is missing.',
  find: `      if (this.#lacks(scan, row, client)) break
`,
  replace: '',
  seeds: 200,
}

import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/rooms/room.ts',
  breaks: 'Who joins is answered though the snapshot is not in memory.',
  find: `    if (!this.#log.complete) return null
`,
  replace: '',
  seeds: 200,
}

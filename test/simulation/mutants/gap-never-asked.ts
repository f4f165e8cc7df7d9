import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/rooms/room.ts',
  breaks: 'Nobody is asked for what an update waits for.',
  find: `    this.#gaps.noticed(peer)
`,
  replace: '',
  seeds: 300,
  noticedAt: 61,
}

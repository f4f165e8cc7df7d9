import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/rooms/room.ts',
  breaks:
    'An update that brings nothing new is acknowledged though what it repeats may not be on disk.',
  find: `if (judgement.kind === 'known') return this.#disk.promise(peer)`,
  replace: `if (judgement.kind === 'known') return { outcome: 'accepted', seq: 0 }`,
  seeds: 100,
  noticedAt: 74,
}

import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/rooms/room.ts',
  breaks: 'A resume point counts by its number alone, whichever incarnation of the log gave it.',
  find: 'if (point.historyId !== this.historyId || point.incarnation !== this.incarnation) return null',
  replace: 'if (point.historyId !== this.historyId) return null',
  seeds: 400,
  noticedAt: 259,
}

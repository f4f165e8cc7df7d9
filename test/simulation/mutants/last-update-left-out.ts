import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/rooms/room-log.ts',
  breaks: 'An update at the beginning of a stretch of the log is left out while it is the newest.',
  find: 'first <= this.headSeq;',
  replace: 'first < this.headSeq;',
  seeds: 100,
}

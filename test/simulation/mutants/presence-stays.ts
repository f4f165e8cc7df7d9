import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/rooms/room.ts',
  breaks: 'A session that leaves stays visible.',
  find: `    this.presence.leave(member)
`,
  replace: '',
  seeds: 100,
}

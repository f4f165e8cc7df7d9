import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/rooms/authors.ts',
  breaks: 'What a client would write next is taken from anybody, and its own edit is then known.',
  find: 'if (this.isOthers(peer, sectionClients[section]!)) return false',
  replace: '',
  seeds: 10,
}

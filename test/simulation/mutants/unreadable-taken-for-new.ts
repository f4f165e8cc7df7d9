import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/persistence/loader.ts',
  breaks: 'A document that cannot be read is opened empty.',
  find: `throw unavailable(documentId, 'it cannot be read', cause)`,
  replace: 'return undefined',
  seeds: 200,
  noticedAt: 32,
}

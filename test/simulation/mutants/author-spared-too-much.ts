import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/transport/encodings.ts',
  breaks: 'Whoever wrote in a batch is sent nothing of it.',
  find: 'isAuthor ? withoutAuthor(chunk, sessionId) : chunk.pieces',
  replace: 'isAuthor ? [] : chunk.pieces',
  seeds: 300,
}

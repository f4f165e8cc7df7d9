import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/transport/encodings.ts',
  breaks: 'Whoever wrote in a batch is sent nothing of it.',
  find: 'return chunks.flatMap((chunk) => withoutAuthor(chunk, sessionId))',
  replace: 'return []',
  seeds: 300,
  noticedAt: 88,
}

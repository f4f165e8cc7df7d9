import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/persistence/writer.ts',
  breaks: 'Edits are taken while too many wait for the disk.',
  find: 'queue.queuedBytes >= this.#documentBytes * share || this.#bytes',
  replace: 'this.#bytes',
  seeds: 200,
  noticedAt: 94,
}

import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/transport/ack-ledger.ts',
  breaks: 'A message is acknowledged one commit too early.',
  find: '(this.#waiting[settled + 1] ?? 0) <= seq',
  replace: '(this.#waiting[settled + 1] ?? 0) <= seq + 1',
  seeds: 50,
}

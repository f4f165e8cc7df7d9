import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/persistence/compactor.ts',
  breaks: 'The old records are removed before the snapshot is there.',
  find: `      await this.#setup.store.compact(room.documentId, snapshot)
`,
  replace: `      const { documentId, historyId } = room
      const { length } = snapshot.parts
      if (room.durableSeq === snapshot.upToSeq && snapshot.upToSeq >= length) {
        const rest = Array.from({ length: snapshot.upToSeq - length }, () => new Uint8Array(2))
        const updates = [...snapshot.parts, ...rest]
        await this.#setup.store.delete(documentId)
        await this.#setup.store.append([{ documentId, historyId, firstSeq: 1, updates }])
      }
      await this.#setup.store.compact(documentId, snapshot)
`,
  seeds: 300,
  noticedAt: 100,
}

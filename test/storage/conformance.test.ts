import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LevelStore, MemoryStore, type DocumentStore } from '@coscribe/storage'
import { storeConformance, type StoreHarness } from '@coscribe/storage/conformance'
import { describe, it } from 'vitest'

const memory: StoreHarness = {
  async create() {
    const store = new MemoryStore()
    await store.open()
    return store
  },
  async reopen(store) {
    await store.close()
    await store.open()
    return store
  },
  dispose: (store) => store.close(),
}

/** LevelDB in a folder of its own for each store, and a new object for each opening. */
function level(): StoreHarness {
  const folders = new Map<DocumentStore, string>()
  const openIn = async (path: string): Promise<DocumentStore> => {
    const store = new LevelStore({ path, durability: 'os' })
    await store.open()
    folders.set(store, path)
    return store
  }
  return {
    create: async () => openIn(await mkdtemp(join(tmpdir(), 'coscribe-'))),
    async reopen(store) {
      await store.close()
      return openIn(folders.get(store) ?? '')
    },
    async dispose(store) {
      await store.close()
      await rm(folders.get(store) ?? '', { recursive: true })
    },
  }
}

for (const [name, harness] of Object.entries({ MemoryStore: memory, LevelStore: level() })) {
  describe(`[S1] ${name} keeps the contract:`, () => {
    for (const { title, run } of storeConformance(harness)) it(title, run)
  })
}

export { LevelStore, type LevelStoreOptions } from './level-store.js'
export { replaceFile } from './folder.js'
export { MemoryStore } from './memory-store.js'
export type { StoreLogger } from './opening.js'
export type {
  Append,
  DocumentPage,
  DocumentStat,
  DocumentStore,
  ListOptions,
  Snapshot,
  StoredDocument,
} from './store.js'

export { AuthorShares, MAX_AUTHORS } from './author-shares.js'
export { LevelStore, type LevelStoreOptions } from './level-store.js'
export { replaceFile } from './folder.js'
export { MemoryStore } from './memory-store.js'
export type { StoreLogger } from './opening.js'
export { unknownInfo } from './store.js'
export type {
  Append,
  Author,
  DocumentInfo,
  DocumentPage,
  DocumentStat,
  DocumentStore,
  InfoEntry,
  InfoListOptions,
  InfoPage,
  InfoPlace,
  ListOptions,
  Snapshot,
  StoredDocument,
} from './store.js'

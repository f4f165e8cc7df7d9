export { IndexedDbStore, type IndexedDbStoreOptions } from './indexed-db-store.js'
export { OfflineStore, type OfflineCopy } from './offline-store.js'
export type { OtherTabs, TabRoom } from './other-tabs.js'

export { IndexedDbStore, type IndexedDbStoreOptions } from './indexed-db-store.js'

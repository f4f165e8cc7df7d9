import { OfflineStore, type OfflineCopy } from './offline-store.js'

/** Keeps no copy, and the room says so: where it is not known whose copy it would be. */
export class NoCopy extends OfflineStore {
  override load(): Promise<OfflineCopy> {
    return Promise.reject(new Error('it is not known whose it would be'))
  }

  override append(): Promise<void> {
    return Promise.reject(new Error('it is not known whose it would be'))
  }
}

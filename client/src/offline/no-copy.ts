import { OfflineStore, type OfflineCopy } from './offline-store.js'

/** Keeps no copy, and the room says so: where it is not known whose copy it would be. */
export class NoCopy extends OfflineStore {
  override load(): Promise<OfflineCopy> {
    return refuse()
  }

  override append(): Promise<void> {
    return refuse()
  }
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('it is not known whose it would be'))
}

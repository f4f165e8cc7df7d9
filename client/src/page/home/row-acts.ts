import { canWrite } from '../../sync-status.js'
import type { ListedDocument } from '../documents-api.js'
import type { MenuItem } from '../popup-menu.js'
import { words } from '../words.js'

/** What the menu of a row offers. */
export type RowAct = 'rename' | 'copy' | 'share' | 'trash'

/** What may be done with a document by whom it was listed for. */
export function itemsFor({ access }: ListedDocument): readonly MenuItem[] {
  const { rename, copyLink, share, toTrash, keys } = words().home
  const offered: readonly (MenuItem & { readonly name: RowAct; readonly may: boolean })[] = [
    { name: 'rename', label: rename, key: keys.rename, may: canWrite(access) },
    { name: 'copy', label: copyLink, may: true },
    { name: 'share', label: share, may: true },
    { name: 'trash', label: toTrash, key: keys.trash, may: access === 'admin' },
  ]
  return offered.filter(({ may }) => may)
}

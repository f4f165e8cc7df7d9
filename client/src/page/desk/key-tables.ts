import type { Extension } from '@codemirror/state'
import type { Settings } from './settings.js'

const tables: Readonly<Record<Settings['keys'], () => Promise<Extension>>> = {
  plain: () => Promise.resolve([]),
  vim: async () => (await import('./vim.js')).vimKeys,
  emacs: async () => (await import('./emacs.js')).emacsKeys,
}

/** The keys of another editor, loaded when somebody wants them. */
export function loadKeys(name: Settings['keys']): Promise<Extension> {
  return tables[name]()
}

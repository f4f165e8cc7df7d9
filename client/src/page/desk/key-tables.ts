import type { Extension } from '@codemirror/state'
import type { Settings } from './settings.js'

/** The keys of another editor, loaded when somebody wants them. */
export async function loadKeys(name: Settings['keys']): Promise<Extension> {
  switch (name) {
    case 'plain':
      return []
    case 'vim':
      return (await import('./vim.js')).vimKeys
    case 'emacs':
      return (await import('./emacs.js')).emacsKeys
  }
}

import {
  closeSearchPanel,
  findNext,
  findPrevious,
  openSearchPanel,
  search,
  selectNextOccurrence,
} from '@codemirror/search'
import type { Extension } from '@codemirror/state'
import { keymap, type EditorView } from '@codemirror/view'
import { FindPanel } from './find-panel.js'
import { findTheme } from './find-theme.js'

const scope = 'editor search-panel'

/** Finding and replacing in an editor, with a panel above the text. */
export const find: Extension = [
  search({ top: true, createPanel: (view) => new FindPanel(view) }),
  keymap.of([
    { key: 'Mod-f', run: openSearchPanel, scope: 'editor' },
    { key: 'F3', run: findNext, shift: findPrevious, scope, preventDefault: true },
    { key: 'Mod-g', run: findNext, shift: findPrevious, scope, preventDefault: true },
    { key: 'Escape', run: closeSearchPanel, scope },
    { key: 'Mod-d', run: selectNextOccurrence, preventDefault: true },
  ]),
  findTheme,
]

/** Opens the panel with what is selected, or puts the focus into it. */
export function openFind(view: EditorView): void {
  openSearchPanel(view)
}

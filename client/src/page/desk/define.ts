import { DeskBar } from './desk-bar.js'
import { DeskFiles } from './desk-files.js'
import { DeskMenu } from './desk-menu.js'
import { DeskNoteDialog } from './desk-note.js'
import { DeskSide } from './desk-side.js'
import { SettingsDialog } from './settings-dialog.js'

/** Defines the elements of a document's desk. */
export function defineDesk(): void {
  customElements.define('desk-menu', DeskMenu)
  customElements.define('desk-side', DeskSide)
  customElements.define('desk-files', DeskFiles)
  customElements.define('desk-bar', DeskBar)
  customElements.define('desk-note', DeskNoteDialog)
  customElements.define('settings-dialog', SettingsDialog)
}

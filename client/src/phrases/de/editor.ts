import type { Phrases } from '../phrases.js'
import { find } from './find.js'

export const editor: Phrases['editor'] = {
  label: 'Text',
  codeMirror: {
    'Control character': 'Steuerzeichen',
    'Selection deleted': 'Auswahl gelöscht',
    close: 'schließen',
    ...find,
  },
}

import type { Phrases } from '../phrases.js'
import { megabytes } from './size.js'

export const large: Phrases['large'] = {
  tooLarge: (bytes, freeBytes) =>
    `Nicht eingefügt: es hat ${megabytes(bytes)} MB, und das Dokument darf nur noch um ${megabytes(freeBytes)} MB wachsen. Nichts wurde geändert.`,
  documentFull:
    'Nicht eingefügt: das Dokument ist so groß, wie es werden darf. Löschen geht noch. Nichts wurde geändert.',
}

import { editor } from './editor.js'
import { embed } from './embed.js'
import { status } from './status.js'

/** What the elements say, which need not load what only the page says; in English. The shape of the other languages. */
export const englishElements = {
  editor,
  embed,
  status,
}

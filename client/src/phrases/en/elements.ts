import { editor } from './editor.js'
import { embed } from './embed.js'
import { large } from './large.js'
import { others } from './others.js'
import { people } from './people.js'
import { preview } from './preview.js'
import { status } from './status.js'

/** What the elements say, which need not load what only the page says; in English. The shape of the other languages. */
export const englishElements = {
  editor,
  embed,
  large,
  others,
  people,
  preview,
  status,
}

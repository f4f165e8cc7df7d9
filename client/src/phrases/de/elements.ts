import type { ElementPhrases } from '../phrases.js'
import { editor } from './editor.js'
import { embed } from './embed.js'
import { large } from './large.js'
import { others } from './others.js'
import { people } from './people.js'
import { preview } from './preview.js'
import { status } from './status.js'

/** What the elements say, which need not load what only the page says; in German. */
export const germanElements: ElementPhrases = {
  editor,
  embed,
  large,
  others,
  people,
  preview,
  status,
}

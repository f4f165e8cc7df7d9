import type { Phrases } from '../phrases.js'
import { address } from './address.js'
import { dialogs } from './dialogs.js'
import { germanElements } from './elements.js'
import { notes } from './notes.js'
import { page } from './page.js'
import { people } from './people.js'
import { signIn } from './sign-in.js'

/** Every word of ours that people read, in German. */
export const german: Phrases = {
  ...germanElements,
  address,
  dialogs,
  notes,
  page,
  people,
  signIn,
}

import { address } from './address.js'
import { dialogs } from './dialogs.js'
import { englishElements } from './elements.js'
import { notes } from './notes.js'
import { page } from './page.js'
import { people } from './people.js'
import { signIn } from './sign-in.js'

/** Every word of ours that people read, in English. The shape of the other languages. */
export const english = {
  ...englishElements,
  address,
  dialogs,
  notes,
  page,
  people,
  signIn,
}
